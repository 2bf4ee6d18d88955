"""Several answers in one cell, such as "Email; SMS": each becomes a column of yes and no."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ilk.columns.kinds import MAX_FEATURE_LEVELS, ColumnEvidence
from ilk.columns.levels import is_yes_no, normalize_level
from ilk.formatting.numbers import format_count
from ilk.schema import Answer, CellReading, Column, Role
from ilk.tables.number_format import parse_categories

YES, NO = "yes", "no"
_SEPARATORS = {";": "semicolons", "|": "bars", ",": "commas", "/": "slashes"}
_MIN_SHARE = 0.05
_MIN_REUSED_SHARE = 2 / 3
_MIN_LETTERS = 3


@dataclass(frozen=True)
class AnswerList:
    """The answers that stand in the cells of a column, and the sign between them."""

    separator: str
    answers: tuple[str, ...]

    def __str__(self) -> str:
        """The answers in words."""
        count = format_count(len(self.answers), "answer")
        return f"{count}, separated by {_SEPARATORS[self.separator]},"


def find_answers(column: ColumnEvidence, *, is_chosen: bool = False) -> AnswerList | None:
    """Find the answers in the cells of a column; ``None`` if a cell holds one value.

    The cells have different numbers of parts, there are few different parts, and most of them stand
    in several different cells. If the user says that there are several answers, the sign that
    divides most cells is enough.

    Examples
    --------
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame(
    ...     {
    ...         "channels": ["Email; SMS", "Email", "SMS; App", "Email; App"],
    ...         "place": ["Lyon, France", "Rome, Italy", "Bari, Italy", "Oslo, Norway"],
    ...     }
    ... )
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> str(find_answers(ColumnEvidence("channels", summary)))
    '3 answers, separated by semicolons,'
    >>> find_answers(ColumnEvidence("place", summary))
    """
    if column.stats.dtype != pl.String or column.is_mostly_numbers or column.order or column.codes:
        return None
    cells = column.texts.drop_nulls()
    counts = {str(text): int(count) for text, count in cells.value_counts().iter_rows()}
    found = (_try_separator(counts, separator, is_chosen) for separator in _SEPARATORS)
    return next((answers for answers in found if answers is not None), None)


def _try_separator(counts: dict[str, int], separator: str, is_chosen: bool) -> AnswerList | None:
    divided = sum(count for text, count in counts.items() if separator in text)
    if divided < max(2, _MIN_SHARE * sum(counts.values())):
        return None
    cells = [split_answers(text, separator) for text in sorted(counts)]
    parts = Counter(part for cell in cells for part in dict.fromkeys(cell))
    if not 2 <= len({normalize_level(part) for part in parts}) <= MAX_FEATURE_LEVELS:
        return None
    if not is_chosen and not _are_combined(cells, parts):
        return None
    spellings = {normalize_level(part): part for part in sorted(parts, reverse=True)}
    return AnswerList(separator, tuple(sorted(spellings.values())))


def _are_combined(cells: Sequence[Sequence[str]], parts: Counter[str]) -> bool:
    """Whether parts are put together in various ways and numbers."""
    reused = sum(count > 1 for count in parts.values())
    return (
        len({len(cell) for cell in cells}) > 1
        and len(cells) >= len(parts)
        and reused >= _MIN_REUSED_SHARE * len(parts)
    )


def split_answers(text: str, separator: str) -> list[str]:
    """The answers in a cell, which may be written as a list in brackets.

    Examples
    --------
    >>> split_answers("Email; SMS;", ";"), split_answers("['a', 'b']", ",")
    (['Email', 'SMS'], ['a', 'b'])
    """
    parts = (part.strip(" '\"") for part in text.strip("[](){} ").split(separator))
    return [part for part in parts if part]


def read_answers(cells: pl.Series, answer: Answer) -> pl.Series:
    """Whether each cell holds an answer: yes or no, null where it holds none at all.

    Examples
    --------
    >>> email = Answer("channels", ";", "Email")
    >>> read_answers(pl.Series(["SMS; email", "App", ""]), email).to_list()
    ['yes', 'no', None]
    """
    texts = _parse_cells(cells)
    wanted = normalize_level(answer.text)
    different = texts.unique().drop_nulls().to_list()
    levels = {
        text: YES if wanted in map(normalize_level, split_answers(text, answer.separator)) else NO
        for text in different
    }
    return texts.replace_strict(levels, default=None, return_dtype=pl.String)


def find_unknown_answers(cells: pl.Series, separator: str, known: Collection[str]) -> pl.Series:
    """The first answer in each cell that is none of the known ones, null where there is none.

    Examples
    --------
    >>> cells = pl.Series(["SMS; email", "Fax; SMS", ""])
    >>> find_unknown_answers(cells, ";", ["Email", "SMS"]).to_list()
    [None, 'Fax', None]
    """
    texts = _parse_cells(cells)
    keys = set(map(normalize_level, known))
    unknown = {}
    for text in texts.unique().drop_nulls().to_list():
        parts = split_answers(text, separator)
        unknown[text] = next((part for part in parts if normalize_level(part) not in keys), None)
    return texts.replace_strict(unknown, default=None, return_dtype=pl.String)


def _parse_cells(cells: pl.Series) -> pl.Series:
    return cells.alias("").to_frame().select(parse_categories("", cells.dtype)).to_series()


def build_answer_columns(
    source: str,
    found: AnswerList,
    role: Role,
    reason: str,
    *,
    missing: int,
    taken: Collection[str],
    readable: Mapping[str, str],
) -> Iterator[Column]:
    """The column of yes and no that each answer becomes.

    Parameters
    ----------
    source : str
        The column of the table.
    found : AnswerList
    role, reason : str
        What they are used for, and why.
    missing : int
        Cells of the source without a value.
    taken : collection of str
        Names that other columns have.
    readable : mapping of str to str
        The answers that have a readable name, and that name.
    """
    names = set(taken)
    for text in found.answers:
        name = readable.get(text, text)
        name = name if _says_enough(name) and name not in names else f"{source}: {name}"
        names.add(name)
        yield Column(
            name,
            "category",
            role,
            f"{reason}: one of the {found} in '{source}'",
            missing,
            meaning="yes_no",
            cells=CellReading(levels=(NO, YES)),
            answer=Answer(source, found.separator, text),
        )


def _says_enough(text: str) -> bool:
    """Whether an answer is understood without its column: a word, but not yes or no."""
    is_answer = any(is_yes_no([text, other]) for other in (YES, NO))
    return sum(map(str.isalpha, text)) >= _MIN_LETTERS and not is_answer
