"""Words that say yes or no, in the languages that tables of customers come in."""

from __future__ import annotations

YES_WORDS = frozenset(
    {
        *("yes", "true", "on", "ja", "wahr", "oui", "vrai", "sí", "si", "verdadero", "sim"),
        *("verdadeiro", "sì", "vero", "waar", "tak", "prawda", "evet", "doğru", "да", "истина"),
    }
)
"""Words for yes, in lower case."""

NO_WORDS = frozenset(
    {
        *("no", "false", "off", "nein", "falsch", "non", "faux", "falso", "não", "nao", "nee"),
        *("onwaar", "nie", "fałsz", "hayır", "hayir", "yanlış", "нет", "ложь"),
    }
)
"""Words for no, in lower case."""
