"""Verdict: whether there are segments, how many, and what that means, on a page."""

from __future__ import annotations

import streamlit as st

from ilk.app.wording import plain
from ilk.choice.choice import Choice
from ilk.report.structure import BADGES, meaning


def show_structure(choice: Choice) -> None:
    """Whether there are segments at all; where there are none, so that nobody overlooks it."""
    told = f"**{BADGES[choice.structure]}.** {plain(meaning(choice))}"
    if choice.structure == "none":
        st.warning(told, icon=":material/blur_on:")
    else:
        st.markdown(told)
