"""What columns mean to a marketer, and what to do with which segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ilk.schema import Column
from ilk.segments.column_labels import split_column_name
from ilk.segments.conditions import Condition
from ilk.segments.word_runs import list_word_runs, singularize
from ilk.vocabulary.concepts import fold_text, split_name

_MIN_SECTOR_COLUMNS = 2  # columns that a sector is recognized by


class FrozenModel(BaseModel):
    """A part of a playbook, in which no other key is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Concept(FrozenModel):
    """Something that marketers talk about, the column names it goes by, and its phrases.

    ``words`` are words or runs of words in a column's name; columns with ``reversed`` words have
    the opposite direction (a birth year against an age). Phrases may contain ``{label}``, those of
    categories also ``{level}``, in lower case unless the levels are ``proper`` names. A phrase is
    an adjective ("frequent"), a noun for customers ("high spenders"), or begins with a preposition
    ("with large orders").
    """

    words: tuple[str, ...]
    reversed: tuple[str, ...] = ()
    very_high: str | None = None
    high: str | None = None
    average: str | None = None
    low: str | None = None
    very_low: str | None = None
    mostly: str | None = None
    often: str | None = None
    proper: bool = False

    @property
    def phrases(self) -> dict[str, str]:
        """The concept's own phrases, by level as in :data:`Condition`."""
        phrases = {
            level: getattr(self, level.replace(" ", "_"), None) for level in get_args(Condition)
        }
        return {level: text for level, text in phrases.items() if text is not None}


Goal = Literal["keep", "grow", "win back", "acquire more like them", "serve cheaply"]
"""What an action is for."""


class Rule(FrozenModel):
    """An action, and the conditions on a segment's concepts under which it applies.

    A concept's level is a :data:`Condition`; ``mostly`` and ``often`` may be followed by words of
    the required level, as in ``"mostly electronics"``. ``{concept}`` in the action stands for the
    column's label, or for a category's main level. Where any condition of ``unless`` is met, or
    the table is of another ``sector`` or of one in ``not_in``, the rule does not apply.
    """

    when: Mapping[str, tuple[str, ...]] = Field(min_length=1)
    unless: Mapping[str, tuple[str, ...]] = {}
    sector: str | None = None
    not_in: tuple[str, ...] = ()
    goal: Goal | None = None
    action: str = Field(min_length=1)
    measure: str | None = None

    def is_for(self, sector: str | None) -> bool:
        """Whether the rule applies in a line of business.

        Examples
        --------
        >>> rule = Rule(when={"age": "low"}, action="Greet them.", not_in=("telco",))
        >>> rule.is_for("telco"), rule.is_for(None)
        (False, True)
        """
        return self.sector in (None, sector) and sector not in self.not_in

    @field_validator("when", "unless", mode="before")
    @classmethod
    def _wrap_in_lists(cls, when: Any) -> Any:
        if not isinstance(when, Mapping):
            return when
        return {
            name: levels if isinstance(levels, list) else [levels] for name, levels in when.items()
        }


class GoalAdvice(FrozenModel):
    """What to measure where an action has this goal."""

    measure: str


class Sector(FrozenModel):
    """A line of business, and words in the names of columns by which it is recognized."""

    title: str
    words: tuple[str, ...]


class OutcomeRule(FrozenModel):
    """An action for segments in which an outcome is more or less common than overall.

    ``words`` are beginnings of words in the outcome's name or noun, any if there are none.
    ``{outcome}`` in a text stands for the noun, ``{excess}`` for the customers beyond the overall
    rate.
    """

    words: tuple[str, ...] = ()
    is_bad: bool
    position: Literal["above", "below"] = Field(alias="is")
    min_rate: float = 0.0
    goal: Goal
    action: str = Field(min_length=1)
    size: str | None = None


def list_telling_names(columns: Iterable[Column]) -> list[str]:
    """The names by which a table shows its sector: those of its columns, not of answers in them.

    Examples
    --------
    >>> from ilk.schema import Answer
    >>> email = Column("Email", "category", "feature", "", answer=Answer("channels", ";", "Email"))
    >>> list_telling_names([email])
    ['channels']
    """
    names = (column.answer.source if column.answer else column.name for column in columns)
    return list(dict.fromkeys(names))


class ColumnMeaning(NamedTuple):
    """The concept behind a column; ``reversed`` when the column has the opposite direction."""

    concept: str
    reversed: bool


class Playbook(FrozenModel):
    """Concepts, sectors, and what to do: rules for outcomes and for concepts, the first first.

    Examples
    --------
    >>> from ilk.segments.playbook_file import load_playbook
    >>> book = load_playbook()
    >>> book.find_meanings(["Year_Birth", "fax"])
    {'Year_Birth': ColumnMeaning(concept='age', reversed=True)}
    """

    concepts: Mapping[str, Concept]
    rules: tuple[Rule, ...]
    goals: Mapping[Goal, GoalAdvice] = {}
    sectors: Mapping[str, Sector] = {}
    outcomes: tuple[OutcomeRule, ...] = ()
    nouns: Mapping[str, tuple[str, ...]] = {}

    def find_meanings(self, columns: Iterable[str]) -> dict[str, ColumnMeaning]:
        """The concepts of columns, for those that have one.

        The longest run of words in the column's name decides, then the order of the playbook.
        """
        runs = self._map_word_runs()
        rank = {run: position for position, run in enumerate(runs)}
        meanings: dict[str, ColumnMeaning] = {}
        for column in columns:
            known = [
                run for run in list_word_runs(singularize(split_column_name(column))) if run in runs
            ]
            if known:
                meanings[column] = runs[min(known, key=lambda run: (-len(run), rank[run]))]
        return meanings

    def find_noun(self, *names: str) -> str | None:
        """The noun for an outcome that goes by these names; ``None`` where none is known.

        Examples
        --------
        >>> from ilk.segments.playbook_file import load_playbook
        >>> load_playbook().find_noun("complained"), load_playbook().find_noun("won bid")
        ('complaints', None)
        """
        words = [word for name in names for word in split_name(name)]
        for noun, beginnings in self.nouns.items():
            folded = tuple(fold_text(beginning) for beginning in beginnings)
            if any(word.startswith(folded) for word in words):
                return noun
        return None

    def find_sector(self, columns: Iterable[str]) -> str | None:
        """The sector that most of the columns speak of; ``None`` if it is not clear.

        Examples
        --------
        >>> from ilk.segments.playbook_file import load_playbook
        >>> load_playbook().find_sector(["Credit_Limit", "Total_Revolving_Bal", "Age"])
        'banking'
        """
        columns = list(columns)
        counts = {name: len(self.list_sector_columns(name, columns)) for name in self.sectors}
        best = max(counts.values(), default=0)
        leaders = [name for name, count in counts.items() if count == best]
        return leaders[0] if best >= _MIN_SECTOR_COLUMNS and len(leaders) == 1 else None

    def list_sector_columns(self, sector: str, columns: Iterable[str]) -> list[str]:
        """The columns that speak of a sector.

        Examples
        --------
        >>> from ilk.segments.playbook_file import load_playbook
        >>> load_playbook().list_sector_columns("banking", ["Credit_Limit", "Age"])
        ['Credit_Limit']
        """
        known = {singularize(words.lower().split()) for words in self.sectors[sector].words}
        return [
            name
            for name in columns
            if not known.isdisjoint(list_word_runs(singularize(split_column_name(name))))
        ]

    def _map_word_runs(self) -> dict[tuple[str, ...], ColumnMeaning]:
        """Every run of words that stands for a concept, in the order of the playbook."""
        runs: dict[tuple[str, ...], ColumnMeaning] = {}
        for name, concept in self.concepts.items():
            for reversed_, phrases in ((False, concept.words), (True, concept.reversed)):
                for phrase in phrases:
                    runs.setdefault(
                        singularize(phrase.lower().split()), ColumnMeaning(name, reversed_)
                    )
        return runs
