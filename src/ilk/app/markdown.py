"""Wording: texts from outside made inert in Markdown, and refusals as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from ilk.errors import IlkError, Notice
from ilk.formatting.text import format_single_line
from ilk.report.headline import STRUCTURE_BADGES, explain_structure
from ilk.selection.candidates import Selection

_MARKUP = re.compile(r"(?P<before>^\d+)(?=[.)])|(?=[]!#$&*+<=>[\\^_`{|}~:-])")
"""Where a text has to be told from markup; a screen reader reads out every sign that does so."""

_AUTO_REPLACED = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)|(?<=:)(?=streamlit:)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE
)
"""Where a page makes a link, a logo, an arrow or a dash of a text whose signs are escaped."""

_WORD_JOINER = "\N{WORD JOINER}"  # nothing is seen of it

_IN_THE_APP = {
    "--features": "the column **used as** in the table",
    "--describe": "the column **used as** in the table",
    "--ignore": "the column **used as** in the table",
    "--id": "the column **used as** in the table",
    "--numeric": "the column **kind** in the table",
    "--categorical": "the column **kind** in the table",
    "--delimiter": "**Read it differently**",
    "--decimal": "**Read it differently**",
    "--thousands": "**Read it differently**",
    "--quote": "**Read it differently**",
    "--encoding": "**Read it differently**",
    "--sheet": "**Read it differently**",
    "--max-bad-rows": "**Read it differently**",
    "--k": "the slider under **Choose**",
} | dict.fromkeys(
    (
        *("--algorithm", "--k-max", "--min-share", "--max-share", "--fast", "--seed"),
        *("--scale", "--missing", "--skew", "--outliers", "--pca"),
    ),
    "**How it is done** under **Choose**",
)
"""Where in the app to do what a message says with an option of the command line."""

_OPTION = re.compile(r"--[a-z][a-z-]*")


def escape_markdown(text: object) -> str:
    r"""A text as Markdown that shows it and nothing else: no link, picture, colour or markup.

    Examples
    --------
    >>> print(escape_markdown("![x](y.png) *a*"))
    \!\[x\](y.png) \*a\*
    """
    return _MARKUP.sub(
        r"\g<before>\\", _AUTO_REPLACED.sub(_WORD_JOINER, format_single_line(str(text)))
    )


def format_error(error: IlkError, names: Mapping[str, str] | None = None) -> str:
    r"""What was found, where, and the way out in the app, as Markdown.

    Parameters
    ----------
    error : IlkError
    names : mapping of str to str, optional
        Paths of uploaded files, and the names by which their owner knows them.

    Examples
    --------
    >>> from ilk.errors import InputError
    >>> print(format_error(InputError("E_X", "no id", place="/tmp/1.csv"), {"/tmp/1.csv": "mine.csv"}))
    No id (mine.csv). \[E\_X\]
    """
    where = f" ({error.place})" if error.place else ""
    way_out = f" {error.way_out}" if error.way_out else ""
    text = f"{error.message}{where}.{way_out} [{error.code}]"
    for path, name in (names or {}).items():
        text = text.replace(path, name)
    hint = _find_hint(f"{error.place or ''} {error.way_out or ''}")
    return _format_sentence(text) + (f"\n\n{hint}" if hint else "")


def format_notice(notice: Notice) -> str:
    r"""A notice as Markdown.

    Examples
    --------
    >>> print(format_notice(Notice("W_EMPTY_COLUMN", "dropped: it holds no value", "fax")))
    **fax**\: dropped\: it holds no value
    """
    if notice.column is None:
        return _format_sentence(notice.message) + _format_hint_suffix(notice.message)
    return (
        f"**{escape_markdown(notice.column)}**\\: {escape_markdown(notice.message)}"
        + _format_hint_suffix(notice.message)
    )


def _format_sentence(text: str) -> str:
    return escape_markdown(text[:1].upper() + text[1:])


def _format_hint_suffix(message: str) -> str:
    hint = _find_hint(message)
    return f" {hint}" if hint else ""


def _find_hint(text: str) -> str:
    """Where in the app the options are that a text names."""
    places = list(dict.fromkeys(filter(None, map(_IN_THE_APP.get, _OPTION.findall(text)))))
    return f"(In this app: {' or '.join(places)}.)" if places else ""


def show_structure(selection: Selection) -> None:
    """Whether there are segments at all; where there are none, so that nobody overlooks it."""
    told = f"**{STRUCTURE_BADGES[selection.structure]}.** {escape_markdown(explain_structure(selection))}"
    if selection.structure == "none":
        st.warning(told, icon=":material/blur_on:")
    else:
        st.markdown(told)
