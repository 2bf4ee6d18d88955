"""Markdown: texts from a user's data without special meaning, and errors as the app shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ilk.errors import IlkError, Notice
from ilk.formatting.text import format_single_line

_MARKUP = re.compile(r"(?P<before>^\d+)(?=[.)])|(?=[]!#$&*+<=>[\\^_`{|}~:-])")
"""Where a backslash is needed. No more than these: a screen reader reads out every one."""

_AUTO_REPLACED = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)|(?<=:)(?=streamlit:)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE
)
"""Where Streamlit makes a link, logo, arrow or dash of a text in spite of backslashes."""

_WORD_JOINER = "\N{WORD JOINER}"  # invisible

_IN_THE_APP = {
    "--features": "the column **Use** of the table",
    "--describe": "the column **Use** of the table",
    "--ignore": "the column **Use** of the table",
    "--id": "the column **Use** of the table",
    "--numeric": "the column **Type** of the table",
    "--categorical": "the column **Type** of the table",
    "--delimiter": "**File settings**",
    "--decimal": "**File settings**",
    "--thousands": "**File settings**",
    "--quote": "**File settings**",
    "--encoding": "**File settings**",
    "--sheet": "**File settings**",
    "--max-bad-rows": "**File settings**",
    "--k": "the slider under **Choose**",
} | dict.fromkeys(
    (
        *("--algorithm", "--k-max", "--min-share", "--max-share", "--fast", "--seed"),
        *("--scale", "--missing", "--skew", "--outliers", "--pca"),
    ),
    "**Method** under **Choose**",
)
"""Where in the app an option of the command line is found."""

_OPTION = re.compile(r"--[a-z][a-z-]*")


def escape_markdown(text: object) -> str:
    r"""A text as Markdown that shows exactly this text: no link, picture, color or markup.

    Examples
    --------
    >>> print(escape_markdown("![x](y.png) *a*"))
    \!\[x\](y.png) \*a\*
    """
    return _MARKUP.sub(
        r"\g<before>\\", _AUTO_REPLACED.sub(_WORD_JOINER, format_single_line(str(text)))
    )


def format_error(error: IlkError, names: Mapping[str, str] | None = None) -> str:
    r"""An error as Markdown: what was found, where, and the way out in the app.

    Parameters
    ----------
    error : IlkError
    names : mapping of str to str, optional
        Paths of uploaded files, and the names that the user knows.

    Examples
    --------
    >>> from ilk.errors import InputError
    >>> error = InputError("E_X", "no id", place="/tmp/1.csv")
    >>> print(format_error(error, {"/tmp/1.csv": "mine.csv"}))
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
    """Where in the app to find the options that a text names."""
    places = list(dict.fromkeys(filter(None, map(_IN_THE_APP.get, _OPTION.findall(text)))))
    return f"(In this app: {' or '.join(places)}.)" if places else ""
