"""Access: by which host names the app is reached, and who may open files by their path.

A page of another site can make its own name lead to this machine (DNS rebinding). The browser then
treats that page as the app's own. The name is in the ``Host`` header of every request, so the app
refuses requests with a name that nobody allowed. An IP address cannot be made to lead elsewhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ilk.errors import shorten

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/@\[\]]+?)\.?(?::[0-9]+)?", flags=re.IGNORECASE)


@dataclass
class AccessRules:
    """What the person who starts the app allows beyond the defaults.

    ``hosts`` are further host names to answer to, such as ``ilk.example.com``, ``*.example.com`` or
    ``*`` for all. ``paths`` lets people on other machines open files of this machine by their path.
    ``checks_hosts`` says that the server checks host names; without it, nobody opens files by path.
    """

    hosts: tuple[str, ...] = ()
    paths: bool = False
    checks_hosts: bool = False

    def allows_paths(self, address: str | None) -> bool:
        """Whether files may be opened by their path, given the address the app listens on."""
        return self.checks_hosts and (self.paths or is_loopback(address))


ACCESS_RULES = AccessRules()
"""What is allowed in this process, which serves one app."""


class AllowedHostMiddleware:
    """ASGI middleware that answers requests of every kind only for allowed host names.

    Parameters
    ----------
    app : ASGI application
        The application that answers the allowed requests.
    rules : AccessRules
    """

    def __init__(self, app: ASGIApp, rules: AccessRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        headers = scope.get("headers", ())
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        address = st.get_option("server.address")
        is_request = scope["type"] in {"http", "websocket"}
        if not is_request or (
            len(hosts) == 1 and is_allowed_host(hosts[0], address, self._rules.hosts)
        ):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            from starlette.responses import PlainTextResponse

            message = (
                f"This app does not answer to the host name {shorten(', '.join(hosts))}. Open it "
                "as localhost, or ask whoever runs it to allow this name."
            )
            await PlainTextResponse(message, status_code=403)(scope, receive, send)


def is_allowed_host(host: str, address: str | None, allowed_hosts: Collection[str] = ()) -> bool:
    """Whether a request is answered.

    Parameters
    ----------
    host : str
        Its ``Host`` header.
    address : str or None
        The address the app listens on. Unless only this machine can reach it, requests to any IP
        address are answered.
    allowed_hosts : collection of str
        Further host names that are answered.

    Examples
    --------
    >>> is_allowed_host("localhost:8501", "127.0.0.1"), is_allowed_host("evil.example", "127.0.0.1")
    (True, False)
    >>> is_allowed_host("ilk.example.com", "0.0.0.0", ["*.example.com"])
    True
    >>> is_allowed_host("192.168.1.5:8501", "0.0.0.0")
    True
    >>> is_allowed_host("192.168.1.5:8501", "127.0.0.1")
    False
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1].lower().strip("[]")
    if is_loopback(name) or (_is_ip_address(name) and not is_loopback(address)):
        return True
    patterns = (address or "", *allowed_hosts)
    return any(_matches_pattern(name, pattern.lower()) for pattern in patterns)


def is_loopback(address: str | None) -> bool:
    """Whether only this machine can reach an address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if address is None or not _is_ip_address(address):
        return address == "localhost"
    return ipaddress.ip_address(address).is_loopback


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matches_pattern(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in {"*", name}
