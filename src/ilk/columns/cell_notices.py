"""What there is to say about how the cells of a column became values."""

from __future__ import annotations

from collections.abc import Mapping

from ilk.columns.kinds import ColumnEvidence
from ilk.errors import Notice
from ilk.formatting.numbers import format_count
from ilk.formatting.text import join_words
from ilk.schema import Column

_MAX_LISTED = 8


def list_cell_notices(column: Column, evidence: ColumnEvidence) -> list[Notice]:
    """Which values count as missing in a column of numbers, and as one level in a category."""
    if column.kind == "number":
        return _warn_of_stand_ins(column, evidence)
    return _warn_of_spellings(column, evidence) if column.kind == "category" else []


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
        message = f"far from all other values: {listed}. Clear these cells if they mean unknown"
        notices.append(Notice("W_STAND_IN", message, column.name))
    return notices


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
