"""Outcomes: columns that say what became of a customer, and by which level."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ilk.columns.kinds import ColumnEvidence
from ilk.errors import InputError, format_place, shorten
from ilk.schema import Outcome
from ilk.vocabulary.concepts import has_inner_word, has_word, is_word, split_name

_MAX_LEVELS = 6
"""Levels of a status, one of which may be an outcome."""

_STEM_LENGTH = 5
"""Letters at its beginning that a level shares with the name of its column."""


def is_outcome(column: ColumnEvidence) -> bool:
    """Whether a column is an outcome by its name or its levels.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"churned": [0, 1, 0], "newsletter": [0, 1, 0]})
    >>> summary = summarize_frame(frame, NumberFormat())
    >>> [name for name in frame.columns if is_outcome(ColumnEvidence(name, summary))]
    ['churned']
    """
    names = (column.name, column.own_name)
    if column.n_levels == 2 and any(map(has_outcome_name, names)):
        return True
    return find_outcome(column) is not None


def has_outcome_name(name: str) -> bool:
    """Whether the name is that of an outcome, good or bad.

    Examples
    --------
    >>> has_outcome_name("Attrition_Flag"), has_outcome_name("target"), has_outcome_name("plan")
    (True, True, False)
    """
    return any(has_word(name, f"outcome_{kind}") for kind in ("bad", "good", "unnamed"))


def find_outcome(column: ColumnEvidence, *, is_chosen: bool = False) -> Outcome | None:
    """Find the level that says that it happened, and whether that is bad.

    Parameters
    ----------
    column : ColumnEvidence
    is_chosen : bool
        Whether the user says that the column is an outcome, whatever its name.

    Examples
    --------
    >>> import polars as pl
    >>> from ilk.columns.summary import summarize_frame
    >>> from ilk.tables.number_format import NumberFormat
    >>> frame = pl.DataFrame({"Attrition": ["Existing Customer", "Attrited Customer"]})
    >>> find_outcome(ColumnEvidence("Attrition", summarize_frame(frame, NumberFormat())))
    Outcome(level='Attrited Customer', is_bad=True)
    """
    if column.n_levels < 2 or column.n_levels > _MAX_LEVELS:
        return None
    levels = [str(level) for level in column.texts.drop_nulls().unique().sort()]
    if len(levels) == 2:
        name = f"{column.name} {column.own_name}".strip()
        is_bad = has_word(name, "outcome_bad")
        if is_bad or is_chosen or has_word(name, "outcome_good"):
            level = find_positive_level(column.name, levels) or _find_positive_code(column, levels)
            return None if level is None else Outcome(level, is_bad)
        if has_word(column.name, "sale") and (level := _find_yes(levels)) is not None:
            return Outcome(level, is_bad=False)
    return _find_loss(levels)


def find_chosen_outcome(column: ColumnEvidence, level: str | None) -> Outcome:
    """The outcome that a column of the user's choice holds.

    Raises
    ------
    InputError
        ``E_OUTCOME`` if it has no such level, or none that says that something happened.
    """
    found = find_outcome(column, is_chosen=True)
    if level is None and found is not None:
        return found
    levels = sorted(str(cell) for cell in column.texts.drop_nulls().unique())
    level = dict(column.codes).get(level or "", level)
    if level in levels:
        texts = (column.name, column.own_name, level)
        is_bad = any(has_word(text, "outcome_bad") for text in texts)
        return Outcome(level, is_bad)
    listed = ", ".join(shorten(one) for one in levels[:5])
    problem = (
        "nothing shows which value says that it happened"
        if level is None
        else f"there is no value {shorten(level)}"
    )
    raise InputError(
        "E_OUTCOME",
        f"{problem}; the values are {listed}",
        place=format_place(column=column.name),
        way_out="Name the value in {outcome}, as column=value.",
        options=("outcome",),
    )


def find_positive_level(name: str, levels: Sequence[str]) -> str | None:
    """Of two levels, the one that says that it happened; ``None`` where neither shows it.

    Examples
    --------
    >>> find_positive_level("exited", ["0", "1"]), find_positive_level("plan", ["a", "b"])
    ('1', None)
    """
    return (
        _find_yes(levels)
        or _find_only(levels, _says_outcome)
        or _find_only(levels, lambda level: _shares_stem(name, level))
        or _find_other(levels, lambda level: is_word(level, "no") or _is_negated(level))
        or _find_other(levels, lambda level: has_word(level, "stayed"))
    )


def _find_positive_code(column: ColumnEvidence, levels: Sequence[str]) -> str | None:
    """The level that says that it happened by its code in the table."""
    codes = {name: code for code, name in column.codes}
    if not codes:
        return None
    found = find_positive_level(
        column.own_name or column.name, [codes.get(level, level) for level in levels]
    )
    return next((level for level in levels if codes.get(level, level) == found), None)


def _find_loss(levels: Sequence[str]) -> Outcome | None:
    """The only level of a status that says that the customer was lost."""
    lost = _find_only(
        levels, lambda level: has_inner_word(level, "outcome_bad") and not _is_negated(level)
    )
    return None if lost is None else Outcome(lost, is_bad=True)


def _find_yes(levels: Sequence[str]) -> str | None:
    """The level that says yes, where the other one says no."""
    if not any(is_word(level, "no") for level in levels):
        return None
    return _find_only(levels, lambda level: is_word(level, "yes"))


def _find_only(levels: Sequence[str], fits: Callable[[str], bool]) -> str | None:
    fitting = [level for level in levels if fits(level)]
    return fitting[0] if len(fitting) == 1 else None


def _find_other(levels: Sequence[str], fits: Callable[[str], bool]) -> str | None:
    """The other one of two levels, where one fits."""
    return _find_only(levels, lambda level: not fits(level))


def _says_outcome(level: str) -> bool:
    named = has_word(level, "outcome_bad") or has_word(level, "outcome_good")
    return named and not _is_negated(level)


def _is_negated(level: str) -> bool:
    return has_word(level, "not")


def _shares_stem(name: str, level: str) -> bool:
    """Whether a word of a level begins like one of the name: "Attrited" in "Attrition"."""
    if _is_negated(level):
        return False
    stems = {word[:_STEM_LENGTH] for word in split_name(name) if len(word) >= _STEM_LENGTH}
    return any(word[:_STEM_LENGTH] in stems for word in split_name(level))
