"""Shell: what all pages share, and the order in which a person goes through them.

Pages change the session in callbacks where they can: then one run of the script shows the change,
and not a second one after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from logging import getLogger
from pathlib import Path
from typing import Literal, TypeVar

import streamlit as st

from ilk.app.access import ACCESS_RULES
from ilk.app.markdown import format_error, format_notice
from ilk.app.session import Session
from ilk.app.upload import CustomerTable, open_path
from ilk.errors import IlkError, Notice, describe_bug
from ilk.workflow.run import Run

T = TypeVar("T")

_MAX_NOTICES = 5
"""Notices that are read at a glance."""

_VIEWS = Path(__file__).with_name("views")
_PAGE_TITLES = ("Data", "Choose", "Compare", "Segments", "Predict", "Export")

# An icon named by Streamlit's words would be fetched from another host.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="4.5" cy="5" r="3.5" fill="#0072B2"/>'
    '<circle cx="11.5" cy="4.5" r="3" fill="#E69F00"/>'
    '<circle cx="9" cy="11.5" r="4" fill="#009E73"/></svg>'
)


def show_page() -> None:
    """Show the page that the browser asks for."""
    st.set_page_config(page_title="ilk: customer segments", page_icon=_ICON, layout="wide")
    pages = [
        st.Page(get_page_path(title), title=title, url_path=title.lower(), default=title == "Data")
        for title in _PAGE_TITLES
    ]
    page = st.navigation(pages, position="top")
    with catch_unforeseen():
        page.run()


def get_page_path(title: str) -> Path:
    """The script of a page."""
    return _VIEWS / f"{title.lower()}.py"


def show_page_link(label: str, title: str, *, primary: bool = True) -> None:
    """A button that leads on to another page; the usual way is the primary one."""
    look: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(label, type=look, icon=":material/arrow_forward:", key=f"to {title}"):
        st.switch_page(get_page_path(title))


@contextmanager
def catch_unforeseen() -> Iterator[None]:
    """Whatever goes wrong unforeseen, as a sentence; the particulars go to the server's log."""
    try:
        yield
    except Exception as error:  # the last barrier before the browser
        getLogger("ilk.app").error(describe_bug(error))
        st.error(
            "This is a fault of ilk, not of your data. The terminal that runs ilk says more. "
            "Reload the page to begin anew.",
            icon=":material/bug_report:",
        )


def attempt(
    session: Session, compute: Callable[[], T], *, names: Mapping[str, str] | None = None
) -> T | None:
    """The result of some work, or the reason why there is none, shown to the user.

    Parameters
    ----------
    session : Session
    compute : callable
    names : mapping of str to str, optional
        Paths, and what to call them in a message; those of the session's table unless given.
    """
    if names is None:
        names = session.table.names if session.table else {}
    try:
        return compute()
    except IlkError as error:
        st.error(format_error(error, names), icon=":material/block:")
        return None


def show_notices(notices: Sequence[Notice]) -> None:
    """What there is to know while the work goes on, all of it in one box."""
    told = [f"* {format_notice(each)}" for each in notices]
    if told:
        st.warning("\n".join(told[:_MAX_NOTICES]))
    if len(told) > _MAX_NOTICES:
        with st.expander(f"{len(told) - _MAX_NOTICES} more to know"):
            st.markdown("\n".join(told[_MAX_NOTICES:]))


def ask_for_path(session: Session, key: str, button: str) -> CustomerTable | None:
    """Ask for the path of a file on the machine that runs the app, if that is allowed."""
    address = st.get_option("server.address")
    if not ACCESS_RULES.allows_paths(address):
        return None
    with st.form(key, border=False):
        text = st.text_input(
            "Or the path of a file on the machine that runs ilk",
            placeholder="/data/customers.parquet",
            help="For files too large to upload: they are read where they are.",
        )
        if not st.form_submit_button(button) or not text.strip():
            return None
    return attempt(session, lambda: open_path(text, address=address))


def require_run(session: Session) -> Run | None:
    """The segments, or what is in the way of them, shown to the user."""
    return attempt(session, session.get_run) if require_table(session) else None


def require_table(session: Session) -> bool:
    """Whether there is a table to work on; where there is none, the way to one."""
    if session.table is None:
        st.info("There are no customers yet.", icon=":material/table_view:")
        show_page_link("Bring your customers", "Data")
    return session.table is not None
