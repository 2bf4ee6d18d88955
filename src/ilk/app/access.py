"""Access: by which names the app is reached, and who may open files by their path.

A page of another site can make its own name lead to this machine (DNS rebinding), and would then be
taken for the app's own page. The name is in the ``Host`` header of every request, so a request with
a name that nobody allowed gets no answer. An address in numbers cannot be made to lead elsewhere.
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
class Access:
    """What whoever starts the app allows beyond the usual.

    ``names`` are further host names to answer to, such as ``ilk.example.com``, ``*.example.com`` or
    ``*`` for all. ``paths`` lets others, too, open files of this machine by their path. It is
    ``guarded`` when host names are checked; otherwise nobody opens files so.
    """

    names: tuple[str, ...] = ()
    paths: bool = False
    guarded: bool = False

    def opens_paths(self, address: str | None) -> bool:
        """Whether files are opened by their path, where the app listens on an address."""
        return self.guarded and (self.paths or is_loopback(address))


ACCESS = Access()
"""What was allowed in this process, in which one app is served."""


class HostGuard:
    """The part of the server that answers requests for allowed host names only, of every kind.

    Parameters
    ----------
    app : ASGI application
        Whoever answers the others.
    access : Access
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse to."""
        headers = scope.get("headers", ())
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        address, names = st.get_option("server.address"), self._access.names
        is_request = scope["type"] in {"http", "websocket"}
        if not is_request or (len(hosts) == 1 and is_allowed(hosts[0], address, names)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            from starlette.responses import PlainTextResponse

            asked = shorten(", ".join(hosts))
            text = (
                f"This app does not answer to the host name {asked}. Open it as localhost, or let "
                "whoever runs it allow the name: ilk app --allow-host NAME"
            )
            await PlainTextResponse(text, status_code=403)(scope, receive, send)


def is_allowed(host: str, address: str | None, names: Collection[str] = ()) -> bool:
    """Whether a request is answered.

    Parameters
    ----------
    host : str
        Its ``Host`` header.
    address : str or None
        Where the app listens. Only where it is not for this machine alone, other addresses in
        numbers are answered.
    names : collection of str
        Further names that are answered.

    Examples
    --------
    >>> is_allowed("localhost:8501", "127.0.0.1"), is_allowed("evil.example", "127.0.0.1")
    (True, False)
    >>> is_allowed("ilk.example.com", "0.0.0.0", ["*.example.com"])
    True
    >>> is_allowed("192.168.1.5:8501", "0.0.0.0"), is_allowed("192.168.1.5:8501", "127.0.0.1")
    (True, False)
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1].lower().strip("[]")
    if is_loopback(name) or (_is_numeric(name) and not is_loopback(address)):
        return True
    return any(_matches(name, pattern.lower()) for pattern in (address or "", *names))


def is_loopback(address: str | None) -> bool:
    """Whether only this machine can reach an address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if address is None or not _is_numeric(address):
        return address == "localhost"
    return ipaddress.ip_address(address).is_loopback


def _is_numeric(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _matches(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in {"*", name}
