"""HTML from the templates: the report as one page, and the macros that other views are made of."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from ilk.formatting.colors import choose_text_color, get_segment_color
from ilk.formatting.numbers import NO_VALUE, format_number, format_percent
from ilk.report.candidate_table import explain_columns, format_candidates
from ilk.report.summary_types import RunSummary
from ilk.schema import COLUMN_HEADINGS, ROLE_LABELS
from ilk.segments.wording import capitalize

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_IMAGE_BYTES = 330_000
"""Largest plot, in bytes, that the page takes in; six of them keep it under 3 MB."""


def render_html(summary: RunSummary, images: Mapping[str, bytes]) -> str:
    """The report as one page: nothing is fetched and no script runs.

    Parameters
    ----------
    summary : RunSummary
        A finished run.
    images : mapping of str to bytes
        PNG plots by key: those of the summary. The page says which are missing or too large.

    Examples
    --------
    >>> import ilk
    >>> summary = ilk.fit(ilk.demo.load("mall"), k=5, fast=True).build_summary()
    >>> "<title>Customer segments: " in render_html(summary, {})
    True
    """
    plots = {
        caption["key"]: {**caption, **_make_image_source(images.get(caption["key"]))}
        for caption in summary["pictures"]
    }
    page = _make_environment().get_template("report.html.j2")
    return page.render(summary=summary, plots=plots, column_headings=COLUMN_HEADINGS)


def render_macro(template: str, macro: str, **arguments: Any) -> str:
    """One macro of a template, as a piece of HTML for a notebook or the web app.

    Every argument that is text is escaped.

    Parameters
    ----------
    template : str
        Name of a file in ``ilk/report/templates``.
    macro : str
    **arguments
        Of the macro.

    Examples
    --------
    >>> render_macro("views.html.j2", "lead", text="a < b")
    '<p style="margin:0 0 .6em"><strong><bdi>a &lt; b</bdi></strong></p>'
    """
    module = _make_environment().get_template(template).module
    return str(getattr(module, macro)(**arguments)).strip()


@cache
def _make_environment() -> Environment:
    """The templates with their filters; jinja2 is loaded when the first page is rendered."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ilk.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": lambda number: f"{number:,}",
        "number": _format_optional_number,
        "candidate_rows": format_candidates,
        "glossary": explain_columns,
        "percent": format_percent,
        "color": get_segment_color,
        "text_color": lambda number: choose_text_color(get_segment_color(number)),
        "sentence": capitalize,
        "role": lambda role: ROLE_LABELS.get(role, role),
    }
    return environment


def _format_optional_number(value: float | None) -> str:
    return NO_VALUE if value is None else format_number(value)


def _make_image_source(image: bytes | None) -> dict[str, Any]:
    """The plot as a data URI, or why there is none."""
    if image is None:
        return {"source": None, "absence": "was not drawn"}
    if len(image) > MAX_IMAGE_BYTES:
        return {"source": None, "absence": f"is too large for this page ({len(image):,} bytes)"}
    return {"source": f"data:image/png;base64,{b64encode(image).decode()}", "absence": None}
