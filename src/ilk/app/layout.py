"""Layout: what all pages share, from the navigation to the way that errors are shown.

Pages change the session in callbacks where they can. One run of the script then shows the change;
otherwise it would take a second one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from logging import getLogger
from pathlib import Path
from typing import Literal, TypeVar

import streamlit as st

from ilk.app.access import ACCESS_RULES
from ilk.app.markdown import escape_markdown, format_error, format_notice
from ilk.app.session import Session
from ilk.app.upload import CustomerTable, open_path
from ilk.errors import IlkError, Notice, describe_bug
from ilk.report.headline import explain_structure, get_badge
from ilk.selection.candidates import Selection
from ilk.workflow.run import Run

T = TypeVar("T")

_MAX_NOTICES = 5
"""Notices that are shown at once; the others are folded away."""

_VIEWS = Path(__file__).with_name("views")
_PAGE_TITLES = ("Data", "Choose", "Compare", "Segments", "Predict", "Export")

# An icon given by one of Streamlit's icon names would be fetched from another host.
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
    """A button that leads to another page; the usual next step is the primary one."""
    style: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(label, type=style, icon=":material/arrow_forward:", key=f"to {title}"):
        st.switch_page(get_page_path(title))


@contextmanager
def catch_unforeseen() -> Iterator[None]:
    """Show any other exception as a short message; the details go to the server's log."""
    try:
        yield
    except Exception as error:  # nothing else may reach the browser
        getLogger("ilk.app").error(describe_bug(error))
        st.error(
            "Something went wrong inside ilk. Your data is not the cause. The terminal that runs "
            "ilk shows the details. Reload the page to start again.",
            icon=":material/bug_report:",
        )


def attempt(
    session: Session, compute: Callable[[], T], *, names: Mapping[str, str] | None = None
) -> T | None:
    """The result of a computation; if ilk refuses it, the reason is shown and there is no result.

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
    """Show all notices in one box."""
    lines = [f"* {format_notice(notice)}" for notice in notices]
    if lines:
        st.warning("\n".join(lines[:_MAX_NOTICES]))
    if len(lines) > _MAX_NOTICES:
        with st.expander(f"{len(lines) - _MAX_NOTICES} more notices"):
            st.markdown("\n".join(lines[_MAX_NOTICES:]))


def show_structure(selection: Selection) -> None:
    """Show below the verdict whether the segments are real groups, as a warning if they are not."""
    badge = get_badge(selection)
    text = escape_markdown(explain_structure(selection))
    text = f"**{badge}.** {text}" if badge else text
    if selection.structure == "none":
        st.warning(text, icon=":material/blur_on:")
    else:
        st.markdown(text)


def ask_for_path(session: Session, key: str, button: str) -> CustomerTable | None:
    """Ask for the path of a file on the machine that runs the app, if that is allowed."""
    address = st.get_option("server.address")
    if not ACCESS_RULES.allows_paths(address):
        return None
    with st.form(key, border=False):
        text = st.text_input(
            "Or enter the path of a file on the machine that runs ilk",
            placeholder="/data/customers.parquet",
            help="For files that are too large to upload. ilk reads the file where it is.",
        )
        if not st.form_submit_button(button) or not text.strip():
            return None
    return attempt(session, lambda: open_path(text, address=address))


def require_run(session: Session) -> Run | None:
    """The segments; if there are none yet, the page says what is missing."""
    return attempt(session, session.get_run) if require_table(session) else None


def require_table(session: Session) -> bool:
    """Whether customers are loaded; if not, the page says so and links to the data page."""
    if session.table is None:
        st.info("No customer data is loaded yet.", icon=":material/table_view:")
        show_page_link("Choose customer data", "Data")
    return session.table is not None
