"""Whether the names of a table's columns are in English."""

from __future__ import annotations

from collections.abc import Iterable

from ilk.vocabulary.concepts import is_english_name


def list_foreign_names(names: Iterable[str]) -> frozenset[str]:
    """The names without an English word, of a table where most that tell are not English.

    Examples
    --------
    >>> sorted(list_foreign_names(["Umsatz", "Aufenthalte", "Frühstück", "Status"]))
    ['Aufenthalte', 'Frühstück', 'Umsatz']
    >>> list_foreign_names(["Café visits", "orders", "Stays"])
    frozenset()
    """
    told = {name: is_english_name(name) for name in names}
    answers = list(told.values())
    if answers.count(False) <= answers.count(True):
        return frozenset()
    return frozenset(name for name, is_english in told.items() if not is_english)
