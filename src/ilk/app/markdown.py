"""Markdown: texts from a user's data without special meaning, and errors as the app shows them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ilk.errors import IlkError, Notice
from ilk.formatting.text import format_single_line
from ilk.recipe import COLUMNS, OPTIONS, PREPARATION, READING, RUNNING, SEGMENTS
from ilk.segments.wording import capitalize

_MARKUP = re.compile(r"(?P<before>^\d+)(?=[.)])|(?=[]!#$&*+<=>[\\^_`{|}~:-])")
"""Where a backslash is needed. No more than these: a screen reader reads out every one."""

_AUTO_REPLACED = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)|(?<=:)(?=streamlit:)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE
)
"""Where Streamlit makes a link, logo, arrow or dash of a text in spite of backslashes."""

_WORD_JOINER = "\N{WORD JOINER}"  # invisible

_PLACES = {
    COLUMNS: "the table of columns",
    READING: "**File settings**",
    **dict.fromkeys((SEGMENTS, PREPARATION, RUNNING), "**Method** under **Choose**"),
}
"""Where in the app the options of a group are found."""


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
    text = error.render(spell_label)
    for path, name in (names or {}).items():
        text = text.replace(path, name)
    hint = _find_hint(error.options)
    return _format_sentence(text) + (f"\n\n{hint}" if hint else "")


def spell_label(field: str, value: object = None) -> str:
    """An option as the app's forms call it.

    Examples
    --------
    >>> spell_label("k_max"), spell_label("ignore", ["Age", "Fax"])
    ('“Largest number of segments tried”', '“Columns to leave out: Age, Fax”')
    """
    label = OPTIONS[field].label if field in OPTIONS else field
    if value is None or value is True:
        return f"“{label}”"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return f"“{label}: {text}”"


def format_notice(notice: Notice) -> str:
    r"""A notice as Markdown.

    Examples
    --------
    >>> print(format_notice(Notice("W_EMPTY_COLUMN", "dropped: it holds no value", "fax")))
    **fax**\: dropped\: it holds no value
    """
    if notice.column is None:
        return _format_sentence(notice.render(spell_label))
    return f"**{escape_markdown(notice.column)}**\\: {escape_markdown(notice.render(spell_label))}"


def _format_sentence(text: str) -> str:
    return escape_markdown(capitalize(text))


def _find_hint(fields: Collection[str]) -> str:
    """Where in the app to find the options that an error names."""
    options = [OPTIONS[field] for field in fields if field in OPTIONS]
    places = [
        "the slider under **Choose**" if option.name == "k" else _PLACES[option.group]
        for option in options
    ]
    return f"(In this app: {' or '.join(dict.fromkeys(places))}.)" if places else ""
