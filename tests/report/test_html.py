from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import ilk
from ilk.app.column_edits import make_editor_rows
from ilk.formatting.numbers import format_number, format_percent
from ilk.report.html import MAX_IMAGE_BYTES, render_html
from ilk.report.terminal import render_columns_table
from ilk.schema import ROLE_LABELS, Column, Schema

if TYPE_CHECKING:
    from tests.report.conftest import Made

KEYS = ("elbow", "silhouette", "scatter", "profile", "sizes")
FIGURES: dict[str, Any] = {
    "gap": 0.5,
    "gap_error": 0.04,
    "silhouette_gain": 0.12,
    "n_separated_groups": 2,
    "stability": 0.9,
}
IMAGES = {key: b"\x89PNG\r\n\x1a\n" + key.encode() for key in KEYS}
VOID = {"meta", "img"}


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def hostile(twelve: Made) -> str:
    return render_html(twelve.summary, IMAGES)


def test_every_segment_has_its_card(five: Made) -> None:
    page = render_html(five.summary, IMAGES)
    cards = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert len(cards) == 5
    for segment, card in zip(five.segments, cards, strict=True):
        assert segment.name in card
        assert f">{segment.figures.customers}</strong>" in card
        assert f">customers, {format_percent(segment.figures.share)}<" in card
        assert html.escape(segment.action) in card
        assert segment.traits[0].text in html.unescape(card)


def test_elements_are_closed_and_nothing_from_outside_becomes_an_element(hostile: str) -> None:
    page = Page(hostile)
    assert page.open == []
    names = {name for name, _ in page.elements}
    assert not names & {"script", "b", "i", "reason", "long", "mall", "in", "link", "iframe", "a"}
    assert len(page.all("img")) == len(KEYS)
    handlers = [key for _, attributes in page.elements for key in attributes if key[:2] == "on"]
    assert handlers == []


def test_hostile_names_are_shown_as_they_are(twelve: Made, hostile: str) -> None:
    text = "".join(Page(hostile).text)
    for name in twelve.names:
        assert name in text
    assert twelve.schema.columns[1].name in text
    assert "A <reason>." in text


def test_policy_forbids_everything_but_inline_styles_and_inline_pictures(hostile: str) -> None:
    (policy,) = [meta["content"] for meta in Page(hostile).all("meta") if "http-equiv" in meta]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_is_fetched(five: Made, hostile: str) -> None:
    page = render_html(five.summary, IMAGES)
    assert "http://" not in page
    assert "https://" not in page
    assert "url(" not in page
    assert "@import" not in page
    # A name that is an address stays text.
    sources = [
        value
        for _, attributes in Page(hostile).elements
        for key, value in attributes.items()
        if key in {"src", "href", "srcset", "action", "data", "poster"}
    ]
    assert len(sources) == len(KEYS)
    assert all(source.startswith("data:image/png;base64,") for source in sources)


def test_pictures_are_inside_with_a_text_for_those_who_cannot_see_them(five: Made) -> None:
    shown = Page(render_html(five.summary, IMAGES)).all("img")
    decoded = {base64.b64decode(picture["src"].partition(",")[2]) for picture in shown}
    assert decoded == set(IMAGES.values())
    assert all(len(picture["alt"]) > 40 for picture in shown)
    assert (
        "bar chart"
        in next(picture["alt"] for picture in shown if "Segment with" in picture["alt"]).lower()
    )


def test_missing_and_oversized_pictures_are_left_out_with_a_note(five: Made) -> None:
    page = render_html(five.summary, {"elbow": b"x" * (MAX_IMAGE_BYTES + 1)})
    assert Page(page).all("img") == []
    assert "The plot “elbow” is too large for this page (330,001 bytes)." in page
    assert "The plot “scatter” was not drawn." in page


@pytest.mark.thorough
def test_stays_under_three_megabytes(twelve: Made) -> None:
    columns = tuple(
        Column(f"{n} {'column ' * 40}", "number", "feature", "a number" * 20) for n in range(10_000)
    )
    made = replace(
        twelve,
        schema=Schema(columns),
        facts=replace(twelve.facts, preprocessing=tuple(c.name for c in columns)),
    )
    page = render_html(made.summary, dict.fromkeys(KEYS, b"x" * MAX_IMAGE_BYTES))
    assert len(page.encode()) < 3_000_000
    assert "The first 200 of 10,000 columns" in page


def test_structure_for_readers_of_all_kinds(hostile: str) -> None:
    page = Page(hostile)
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch(r"h\d", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) == 4
    assert all(cell["scope"] in {"col", "row"} for cell in page.all("th"))
    for part in ("header", "main", "footer"):
        assert len(page.all(part)) == 1


def test_the_chosen_number_is_marked_in_words(five: Made) -> None:
    (row,) = re.findall(r'<tr class="chosen">.*?</tr>', render_html(five.summary, {}), re.DOTALL)
    assert '<th scope="row">5</th>' in row
    assert "chosen</td>" in row


def test_whether_there_are_groups_stands_at_the_top_and_the_reasons_below(five: Made) -> None:
    choice = replace(five.choice, structure="none", verdict="No natural groups found.")
    page = render_html(replace(five, choice=choice).summary, {})
    top, *sections = page.split("<section>")
    assert top.count("No natural groups") == 1  # which the verdict says
    assert "<p>Random data without groups" in top
    weak = replace(five.choice, structure="weak", verdict="Five weak segments.")
    top = render_html(replace(five, choice=weak).summary, {}).split("<section>")[0]
    assert '<span class="badge weak">Weak groups</span> ' in top
    (why,) = [section for section in sections if "<h2>Why 5 segments</h2>" in section]
    assert "<li>A &lt;reason&gt;.</li>" in why.split("<details>")[0]


def test_the_columns_that_tell_the_segments_apart_have_bars_in_order(five: Made) -> None:
    ranking = five.summary["ranking"]
    shares = [rank["explained"] for rank in ranking]
    assert shares == sorted(shares, reverse=True)
    page = render_html(five.summary, IMAGES)
    assert re.findall(r"background:#4b7bab;width:([\d.]+)%", page) == [
        f"{100 * share:.1f}" for share in shares
    ]
    assert all(html.escape(rank["column"]) in page for rank in ranking)


def test_statistics_stand_in_parts_that_can_stay_folded(five: Made) -> None:
    page = render_html(five.summary, IMAGES)
    unfolded = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    assert "<table" in page
    assert "<table" not in unfolded
    assert "Silhouette" not in unfolded
    assert "<details open" not in page


def test_the_candidates_are_told_from_one_segment_on_and_refusals_say_why(five: Made) -> None:
    one = replace(five.choice.candidates[0], k=1, silhouette=None, chosen=False, gap=0.3)
    refused = replace(five.choice.candidates[0], rejection_reason="the smallest segment has 2%")
    rest = (
        replace(candidate, **FIGURES, stability_min=0.8) for candidate in five.choice.candidates[1:]
    )
    choice = replace(five.choice, candidates=(one, refused, *rest))
    page = render_html(replace(five, choice=choice).summary, {})
    (table,) = re.findall(r'<table class="figures candidates">.*?</table>', page, re.DOTALL)
    rows = [re.findall(r">([^<>]*)</t[hd]>", row) for row in table.split("<tr")[1:]]
    head = ["K", "Silhouette", "Gain over random data", "Gap statistic", "Separate groups"]
    assert rows[0] == [*head, "Stability: mean, lowest", "Result"]
    assert rows[1] == ["1", "–", "–", "0.30", "–", "–", ""]
    assert rows[2] == ["2", "0.400", "–", "–", "–", "–", "the smallest segment has 2%"]
    assert rows[5] == ["5", "0.500", "0.12", "0.50\xa0±\xa00.04", "2", "0.90, 0.80", "chosen"]
    meant = re.findall(r"<dt>([^<]*)</dt>", page.split("</table>")[3])
    assert meant[: len(head) + 1] == rows[0][:-1]


def test_the_silhouette_gain_is_there_where_there_was_a_comparison(five: Made) -> None:
    assert "silhouette_gain" not in "".join(picture["key"] for picture in five.summary["pictures"])
    assert "The plot “silhouette_gain”" not in render_html(five.summary, IMAGES)
    compared = tuple(
        replace(candidate, **FIGURES, stability_min=0.8) for candidate in five.choice.candidates
    )
    summary = replace(five, choice=replace(five.choice, candidates=compared)).summary
    shown = Page(render_html(summary, {**IMAGES, "silhouette_gain": b"png"})).all("img")
    (alt,) = [picture["alt"] for picture in shown if "gain over random data" in picture["alt"]]
    assert "K = 2 to 12, with K = 5 marked (gain 0.12)" in alt


def test_the_columns_have_the_same_heads_on_every_surface(five: Made) -> None:
    page = render_html(five.summary, {})
    (heads,) = re.findall(r"<tr>(.*>Column<.*>Missing<.*)</tr>", page)
    shown = re.findall(r">([^<]+)</th>", heads)
    (row,) = make_editor_rows([five.schema.columns[1]], ROLE_LABELS)
    assert shown == list(row) == ["Column", "Use", "Type", "Reason", "Missing"]
    head = '<th scope="row"><bdi>Card</bdi></th>'
    cells = page.split(head)[-1].split("</tr>")[0]
    assert re.sub(r"<[^>]+>|\s+", " ", cells).split() == [
        *("shown", "in", "profiles", "only", "category", "asked", "for", "0")
    ]
    terminal = [column.header for column in render_columns_table(five.summary).columns]
    assert terminal == ["Column", "Use", "Reason"]


def test_a_card_says_how_reliable_its_segment_is_where_that_is_known(five: Made) -> None:
    assert "How reliable" not in render_html(five.summary, {})
    sure = tuple(
        replace(segment, stability=0.97, borderline_share=0.13) for segment in five.segments
    )
    page = render_html(replace(five, segments=sure).summary, {})
    cards = re.findall(r"<article.*?</article>", page, re.DOTALL)
    for card in cards:
        assert "Very stable: 97% overlap in repeat tests. 13% are borderline." in card


def test_warnings_caveats_and_the_way_to_repeat_the_run_are_there(five: Made) -> None:
    text = "".join(Page(render_html(five.summary, {})).text)
    assert "Income: a <long> tail W_SKEW" in text
    assert "Mind W_X" in text
    assert "ilk fit '<mall>.csv' --k 5" in text
    assert "sha256:abc" in text
    assert "ilk 0.1.0" in text
    assert "2026-11-21" in text
    for caveat in five.summary["caveats"]:
        assert caveat in text


def test_an_undated_run_without_warnings(five: Made) -> None:
    facts = replace(five.facts, created=None, notices=())
    text = "".join(Page(render_html(replace(five, facts=facts).summary, {})).text)
    assert "Made with ilk." in text
    assert "Warnings" not in text


def test_a_stored_summary_gives_the_same_page(twelve: Made, hostile: str) -> None:
    stored = json.loads(json.dumps(twelve.summary))
    assert render_html(stored, IMAGES) == hostile


def test_dark_and_printed_pages_are_provided_for(hostile: str) -> None:
    assert "@media (prefers-color-scheme: dark)" in hostile
    assert "@media print" in hostile
    assert "background: #ffffff" in hostile  # behind pictures, which are drawn for white


def test_the_spread_stands_beside_the_mean() -> None:
    run = ilk.fit(ilk.demo.load("mall"), describe=["Age"])
    page = render_html(run.build_summary(), {})
    for segment in run.segments:
        for part in segment.figures.numbers:
            assert part.mean is not None
            assert part.std is not None
            mean, std = format_number(part.mean), format_number(part.std)
            assert f'<bdi>{mean}</bdi> <span class="spread">± {std}</span>' in page
