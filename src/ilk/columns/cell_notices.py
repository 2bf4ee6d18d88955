"""What there is to say about how the cells of a column became values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ilk.columns.date_cells import count_stand_in_dates
from ilk.columns.kinds import ColumnEvidence
from ilk.errors import Notice
from ilk.formatting.numbers import format_count
from ilk.formatting.text import join_words
from ilk.schema import Column, DateConversion

_MAX_LISTED = 8
_DOUBT = "far from all other values"


def list_cell_notices(column: Column, evidence: ColumnEvidence) -> list[Notice]:
    """Which values count as missing in a column of numbers, and as one level in a category."""
    if column.conversion is not None:
        return _warn_of_no_dates(column, column.conversion, evidence)
    if column.kind == "number":
        return _warn_of_stand_ins(column, evidence)
    return _warn_of_spellings(column, evidence) if column.kind == "category" else []


def find_doubtful_columns(notices: Iterable[Notice]) -> frozenset[str]:
    """The columns of notices that far values may stand for a missing one."""
    return frozenset(
        notice.column
        for notice in notices
        if notice.column and notice.code == "W_STAND_IN" and _DOUBT in notice.text
    )


def drop_doubts(notices: Iterable[Notice], columns: Collection[str]) -> tuple[Notice, ...]:
    """The notices without those on far values of some columns, of which another one tells."""
    return tuple(
        notice
        for notice in notices
        if notice.column not in columns or notice.column not in find_doubtful_columns([notice])
    )


def _warn_of_stand_ins(column: Column, evidence: ColumnEvidence) -> list[Notice]:
    """Which values count as missing, and which may have to."""
    stand_ins = evidence.stand_ins
    counts = {f"{number:.17g}": count for number, count in stand_ins.numbers.items()}
    counts |= {f"'{text}'": count for text, count in stand_ins.texts.items()}
    notices = []
    if counts:
        listed = _list_counts(counts)
        message = f"counted as missing: {listed}; if that is a real value, use {{numeric}}"
        notices.append(Notice("W_STAND_IN", message, column.name, {"numeric": [column.name]}))
    if stand_ins.doubtful:
        listed = _list_counts({f"{value:.17g}": n for value, n in stand_ins.doubtful.items()})
        message = f"{_DOUBT}: {listed}. Clear these cells if they mean unknown"
        notices.append(Notice("W_STAND_IN", message, column.name))
    return notices


def _warn_of_no_dates(
    column: Column, conversion: DateConversion, evidence: ColumnEvidence
) -> list[Notice]:
    """Which dates count as missing."""
    cells = evidence.summary.sample[evidence.name]
    counts = count_stand_in_dates(cells, conversion)
    if not counts:
        return []
    message = f"counted as missing, since no date is meant: {_list_counts(counts)}"
    return [Notice("W_STAND_IN", message, column.name)]


def _list_counts(counts: Mapping[str, int]) -> str:
    return join_words([f"{text} in {format_count(count, 'row')}" for text, count in counts.items()])


def _warn_of_spellings(column: Column, evidence: ColumnEvidence) -> list[Notice]:
    """What was counted as one level, and as which."""
    spellings: dict[str, list[str]] = {}
    for level, best in evidence.folded_levels.items():
        spellings.setdefault(best, []).append(f"'{level}'")
    if not spellings:
        return []
    listed = [f"{join_words(others)} as '{best}'" for best, others in spellings.items()]
    shown = "; ".join(listed[:_MAX_LISTED])
    return [
        Notice("W_SPELLINGS", f"spellings of one value are counted together: {shown}", column.name)
    ]
