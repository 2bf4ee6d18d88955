"""One page that a manager reads in two minutes, complete in itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ilk.formatting.colors import choose_text_color, get_segment_color
from ilk.formatting.numbers import format_number, format_percent
from ilk.report.notebook.candidates import explain_columns, format_candidates
from ilk.report.summary import RunSummary
from ilk.schema import ROLE_LABELS

MAX_IMAGE_BYTES = 330_000
"""Bytes of a picture that the page takes in; six of them keep it under 3 MB."""


def render_html(summary: RunSummary, images: Mapping[str, bytes]) -> str:
    """The report as one page: nothing is fetched and no script runs.

    Parameters
    ----------
    summary : Summary
        A finished run.
    images : mapping of str to bytes
        PNG pictures by key: those of the summary. The page says which are missing or too large to
        take in.

    Examples
    --------
    >>> from ilk.selection.candidates import Candidate, Selection
    >>> from ilk.recipe import Recipe
    >>> from ilk.report.facts import RowCounts, RunMetadata
    >>> from ilk.report.summary import summarize_run
    >>> from ilk.schema import Schema
    >>> from ilk.segments.segment import Figures, Segment
    >>> everyone = Figures(200, 1.0, (), ())
    >>> one = Candidate("kmeans", 1, 9.0, None, None, None, None, None, None, chosen=True)
    >>> summary = summarize_run(
    ...     RunMetadata("<mall>.csv", RowCounts(200, 200, 200), "ilk fit mall.csv", 0, "sha256:0"),
    ...     (Segment(1, "Everyone", "Nothing to do.", everyone, ()),),
    ...     everyone, Selection((one,), "One segment.", ()), Schema(()), Recipe(),
    ... )
    >>> "<title>Customer segments: &lt;mall&gt;.csv</title>" in render_html(summary, {})
    True
    """
    pictures = {
        each["key"]: {**each, **_make_image_source(images.get(each["key"]))}
        for each in summary["pictures"]
    }
    return (
        _make_environment()
        .get_template("report.html.j2")
        .render(summary=summary, pictures=pictures)
    )


def _make_environment() -> Environment:
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
        "ink": lambda number: choose_text_color(get_segment_color(number)),
        "role": lambda role: ROLE_LABELS.get(role, role),
    }
    return environment


def _format_optional_number(value: float | None, decimals: int | None = None) -> str:
    """A number as everywhere in the report, or a dash where there is none."""
    if value is None:
        return "–"
    return format_number(value) if decimals is None else f"{value:z.{decimals}f}"


def _make_image_source(image: bytes | None) -> dict[str, Any]:
    """The picture as a data URI, or why there is none."""
    if image is None:
        return {"source": None, "absence": "was not drawn"}
    if len(image) > MAX_IMAGE_BYTES:
        return {"source": None, "absence": f"is too large for this page ({len(image):,} bytes)"}
    return {"source": f"data:image/png;base64,{b64encode(image).decode()}", "absence": None}
