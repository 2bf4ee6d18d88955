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

from ilk.app.access import ACCESS
from ilk.app.session import Session
from ilk.app.table import Table, on_disk
from ilk.app.wording import notice, refusal
from ilk.console import bug
from ilk.errors import IlkError, Notice
from ilk.run import Run

T = TypeVar("T")

_MANY = 5
"""Notices that are read at a glance."""

_STEPS = Path(__file__).with_name("steps")
_TITLES = ("Data", "Choose", "Compare", "Segments", "Predict", "Export")

# An icon named by Streamlit's words would be fetched from another host.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="4.5" cy="5" r="3.5" fill="#0072B2"/>'
    '<circle cx="11.5" cy="4.5" r="3" fill="#E69F00"/>'
    '<circle cx="9" cy="11.5" r="4" fill="#009E73"/></svg>'
)


def show() -> None:
    """Show the page that the browser asks for."""
    st.set_page_config(page_title="ilk: customer segments", page_icon=_ICON, layout="wide")
    pages = [
        st.Page(page_file(title), title=title, url_path=title.lower(), default=title == "Data")
        for title in _TITLES
    ]
    page = st.navigation(pages, position="top")
    with guarded():
        page.run()


def page_file(title: str) -> Path:
    """The script of a page."""
    return _STEPS / f"{title.lower()}.py"


def go(label: str, title: str, *, primary: bool = True) -> None:
    """A button that leads on to another page; the usual way is the primary one."""
    look: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(label, type=look, icon=":material/arrow_forward:", key=f"to {title}"):
        st.switch_page(page_file(title))


@contextmanager
def guarded() -> Iterator[None]:
    """Whatever goes wrong unforeseen, as a sentence; the particulars go to the server's log."""
    try:
        yield
    except Exception as error:  # the last barrier before the browser
        getLogger("ilk.app").error(bug(error))
        st.error(
            "This is a fault of ilk, not of your data. The terminal that runs ilk says more. "
            "Reload the page to begin anew.",
            icon=":material/bug_report:",
        )


def attempt(
    current: Session, work: Callable[[], T], *, names: Mapping[str, str] | None = None
) -> T | None:
    """The result of some work, or the reason why there is none, shown to the user.

    Parameters
    ----------
    current : Session
    work : callable
    names : mapping of str to str, optional
        Paths, and what to call them in a message; those of the session's table unless given.
    """
    if names is None:
        names = current.table.names if current.table else {}
    try:
        return work()
    except IlkError as error:
        st.error(refusal(error, names), icon=":material/block:")
        return None


def show_notices(notices: Sequence[Notice]) -> None:
    """What there is to know while the work goes on, all of it in one box."""
    told = [f"* {notice(each)}" for each in notices]
    if told:
        st.warning("\n".join(told[:_MANY]))
    if len(told) > _MANY:
        with st.expander(f"{len(told) - _MANY} more to know"):
            st.markdown("\n".join(told[_MANY:]))


def path_form(current: Session, key: str, button: str) -> Table | None:
    """Ask for the path of a file on the machine that runs the app, if that is allowed."""
    address = st.get_option("server.address")
    if not ACCESS.opens_paths(address):
        return None
    with st.form(key, border=False):
        text = st.text_input(
            "Or the path of a file on the machine that runs ilk",
            placeholder="/data/customers.parquet",
            help="For files too large to upload: they are read where they are.",
        )
        if not st.form_submit_button(button) or not text.strip():
            return None
    return attempt(current, lambda: on_disk(text, address=address))


def need_run(current: Session) -> Run | None:
    """The segments, or what is in the way of them, shown to the user."""
    return attempt(current, current.run) if need_table(current) else None


def need_table(current: Session) -> bool:
    """Whether there is a table to work on; where there is none, the way to one."""
    if current.table is None:
        st.info("There are no customers yet.", icon=":material/table_view:")
        go("Bring your customers", "Data")
    return current.table is not None
