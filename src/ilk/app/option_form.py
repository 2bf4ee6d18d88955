"""Form fields for options, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ilk.options import Choices, Flag, OneOf, Option, Share, WholeNumber, list_options

Titles = Mapping[str, Callable[[Any], str]]
"""How the words of an option are shown, by its name."""


def select_form_options(choices: type[Choices], *groups: str) -> list[Option]:
    """The options of these groups that the app's forms offer."""
    return [option for option in list_options(choices) if option.on_form and option.group in groups]


def ask_for_options(
    options: Sequence[Option],
    current: Choices,
    columns: int,
    titles: Titles = MappingProxyType({}),
) -> dict[str, Any]:
    """Show a field for every option, and return what the fields say.

    Parameters
    ----------
    options : sequence of Option
    current : Choices
        What is chosen now.
    columns : int
        Number of columns that the fields stand in.
    titles : mapping, optional
        How the words of an option are shown, where they need a better name.
    """
    containers = st.columns(columns)
    return {
        option.name: _ask(
            containers[position % columns],
            option,
            getattr(current, option.name),
            titles.get(option.name, str),
        )
        for position, option in enumerate(options)
    }


def _ask(
    container: DeltaGenerator, option: Option, value: Any, format_word: Callable[[Any], str]
) -> Any:
    values = option.values
    if option.suggestions:
        return _ask_suggested(container, option, value)
    if isinstance(values, OneOf):
        return container.selectbox(
            option.label,
            values.words,
            index=values.words.index(value),
            format_func=format_word,
            help=_make_tooltip(option),
        )
    if isinstance(values, Share):
        return _ask_share(container, option, value)
    if isinstance(values, WholeNumber):
        return _ask_number(container, option, values, value)
    if isinstance(values, Flag):
        return container.checkbox(option.label, value, help=_make_tooltip(option))
    text = container.text_input(option.label, value=value or "", help=_make_tooltip(option))
    return text.strip() or None


def _ask_suggested(container: DeltaGenerator, option: Option, value: Any) -> Any:
    """A list of common values, with the default and with the current value."""
    shown = {option.unset: None, **option.suggestions}
    if value not in shown.values():
        shown[option.values.name(value)] = value
    index = list(shown.values()).index(value)
    chosen = container.selectbox(option.label, shown, index=index, help=_make_tooltip(option))
    return shown[chosen]


def _ask_share(container: DeltaGenerator, option: Option, value: float) -> float:
    # Rounded, so that a share that nobody has changed comes back as it was.
    percent = container.number_input(
        f"{option.label}, in %",
        0.0,
        100.0,
        value=round(100 * value, 8),
        step=1.0,
        format="%g",
        help=_make_tooltip(option),
    )
    return round(percent / 100, 10)


def _ask_number(
    container: DeltaGenerator, option: Option, values: WholeNumber, value: int | None
) -> int | None:
    if option.default is not None:
        return container.number_input(
            option.label, values.least, values.most, value=value, help=_make_tooltip(option)
        )
    key = f"{option.name} {value}"
    # Only a field that is empty at first can be emptied again.
    st.session_state.setdefault(key, value)
    return container.number_input(
        option.label,
        values.least,
        values.most,
        value=None,
        key=key,
        placeholder=option.unset,
        help=_make_tooltip(option),
    )


def _make_tooltip(option: Option) -> str:
    return f"{option.help}. {option.details}".strip()
