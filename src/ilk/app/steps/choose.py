"""The page on which the number of segments is chosen."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from ilk.app import charts
from ilk.app.session import Session, session
from ilk.app.shell import attempt, go, need_table
from ilk.app.wording import plain
from ilk.choice.choice import Choice
from ilk.choice.table import candidates_table
from ilk.recipe import Recipe, resolve

_CHOICES = {
    "scale": ("Scale", "How columns of different units are made comparable."),
    "missing": ("Missing values", "What stands for a number that is not there."),
    "skew": (
        "Skewed columns",
        "Whether columns with a few very large values are put on a logarithmic scale.",
    ),
    "outliers": ("Outliers", "Whether the outermost hundredths are pulled in."),
}
"""What can be chosen about columns, by the field of :class:`ilk.recipe.Recipe`."""


def page() -> None:
    """See how every number of segments does, and take one."""
    current = session()
    st.title("How many segments?", anchor=False)
    if not need_table(current):
        return
    explored = attempt(current, current.explored)
    if explored is not None:
        recommended = explored.sweep.recommended
        choice, _ = explored.sweep.pick(current.k)
        _verdict(choice)
        _slider(current, choice, recommended)
        go("See the segments", "Segments")
        curves = charts.k_curve(choice, recommended)
        for place, chart in zip(st.columns(len(curves)), curves, strict=True):
            place.altair_chart(chart, width="stretch")
        with st.expander("All numbers tried, in figures"):
            st.html(candidates_table(choice.candidates))
    _prepared(current)


def _verdict(choice: Choice) -> None:
    st.subheader(plain(choice.verdict), anchor=False)
    st.markdown("\n".join(f"* {plain(reason)}" for reason in choice.reasons))


def _slider(current: Session, choice: Choice, recommended: int) -> None:
    tried = [each.k for each in choice.candidates]
    if len(tried) < 2:
        return
    key = f"k {current.choices}"
    st.slider(
        "Number of segments",
        tried[0],
        tried[-1],
        value=choice.k,
        key=key,
        help=f"ilk recommends {recommended}. Move it to overrule.",
        on_change=_overrule,
        args=(current, key, recommended),
    )


def _overrule(current: Session, key: str, recommended: int) -> None:
    k = st.session_state[key]
    current.k = "auto" if k == recommended else k


def _prepared(current: Session) -> None:
    with st.expander("How columns are prepared"), st.form("prepared", border=False):
        now = current.recipe.model_dump()
        said: dict[str, Any] = {}
        columns = st.columns(2)
        for place, (name, (label, help_)) in enumerate(_CHOICES.items()):
            options = get_args(Recipe.model_fields[name].annotation)
            said[name] = columns[place % 2].selectbox(
                label, options, index=options.index(now[name]), help=help_
            )
        said["k_max"] = columns[0].number_input(
            "Largest number of segments tried", 2, 100, value=now["k_max"]
        )
        said["seed"] = columns[1].number_input(
            "Seed", 0, 2**32 - 1, value=now["seed"], help="The same seed gives the same segments."
        )
        if st.form_submit_button("Apply"):
            current.decide(resolve(said, now))
            st.rerun()


if __name__ == "__main__":
    page()
