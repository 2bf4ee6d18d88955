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
from ilk.formatting.numbers import format_number
from ilk.report.html import MAX_IMAGE_BYTES, render_html
from ilk.schema import Column, Schema

if TYPE_CHECKING:
    from conftest import Made

KEYS = ("elbow", "silhouette", "scatter", "profile", "sizes")
FIGURES = {"gap": 0.5, "gap_error": 0.04, "silhouette_gain": 0.12, "n_separated_groups": 2, "stability": 0.9}
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
        assert f"<strong>{segment.figures.customers}</strong> customers" in card
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
    (policy,) = [each["content"] for each in Page(hostile).all("meta") if "http-equiv" in each]
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
    decoded = {base64.b64decode(each["src"].partition(",")[2]) for each in shown}
    assert decoded == set(IMAGES.values())
    assert all(len(each["alt"]) > 40 for each in shown)
    assert (
        "bar chart" in next(each["alt"] for each in shown if "Segment with" in each["alt"]).lower()
    )


def test_missing_and_oversized_pictures_are_left_out_with_a_note(five: Made) -> None:
    page = render_html(five.summary, {"elbow": b"x" * (MAX_IMAGE_BYTES + 1)})
    assert Page(page).all("img") == []
    assert "The picture “elbow” is too large for this page (330,001 bytes)." in page
    assert "The picture “scatter” was not drawn." in page


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
    assert len(page.all("table")) == len(page.all("caption")) == 3
    assert all(each["scope"] in {"col", "row"} for each in page.all("th"))
    for part in ("header", "main", "footer"):
        assert len(page.all(part)) == 1


def test_the_chosen_number_is_marked_in_words(five: Made) -> None:
    (row,) = re.findall(r'<tr class="chosen">.*?</tr>', render_html(five.summary, {}), re.DOTALL)
    assert '<th scope="row">5</th>' in row
    assert "chosen</td>" in row


def test_whether_there_are_segments_stands_near_the_top_and_with_the_reasons(five: Made) -> None:
    choice = replace(five.choice, structure="none", verdict="No segments stand out: conventions.")
    page = render_html(replace(five, choice=choice).summary, {})
    top, *_, why = page.split("<section>")[:3]
    assert "No segments stand out: conventions." in top
    assert '<span class="badge none">No segments</span> A cloud of customers without' in top
    assert "Use the segments to share out work" in top
    assert '<span class="badge none">No segments</span> A &lt;reason&gt;.' in why
    assert "How many, and how sure?" not in why  # there is one reason only


def test_the_candidates_are_told_from_one_segment_on_and_refusals_say_why(five: Made) -> None:
    one = replace(five.choice.candidates[0], k=1, silhouette=None, chosen=False, gap=0.3)
    refused = replace(five.choice.candidates[0], rejection_reason="the smallest segment has 2%")
    rest = (replace(each, **FIGURES, stability_min=0.8) for each in five.choice.candidates[1:])
    choice = replace(five.choice, candidates=(one, refused, *rest))
    page = render_html(replace(five, choice=choice).summary, {})
    (table,) = re.findall(r'<table class="figures candidates">.*?</table>', page, re.DOTALL)
    rows = [re.findall(r">([^<>]*)</t[hd]>", row) for row in table.split("<tr")[1:]]
    head = ["K", "Silhouette", "Lead over chance", "Gap", "Groups parted"]
    assert rows[0] == [*head, "Stability: mean, least", "Verdict"]
    assert rows[1] == ["1", "–", "–", "0.30", "–", "–", ""]
    assert rows[2] == ["2", "0.400", "–", "–", "–", "–", "the smallest segment has 2%"]
    assert rows[5] == ["5", "0.500", "0.12", "0.50\xa0±\xa00.04", "2", "0.90, 0.80", "chosen"]
    meant = re.findall(r"<dt>([^<]*)</dt>", page.split("What the columns mean")[1])
    assert meant[: len(head) + 1] == rows[0][:-1]


def test_the_picture_of_chance_is_there_where_there_was_a_comparison(five: Made) -> None:
    assert "silhouette_gain" not in "".join(each["key"] for each in five.summary["pictures"])
    assert "The picture “chance”" not in render_html(five.summary, IMAGES)
    compared = tuple(replace(each, **FIGURES, stability_min=0.8) for each in five.choice.candidates)
    summary = replace(five, choice=replace(five.choice, candidates=compared)).summary
    shown = Page(render_html(summary, {**IMAGES, "silhouette_gain": b"png"})).all("img")
    (alt,) = [each["alt"] for each in shown if "lead over chance" in each["alt"]]
    assert "K = 2 to 12, with K = 5 marked (0.12 above chance)" in alt


def test_a_card_says_how_sure_its_segment_is_where_that_is_known(five: Made) -> None:
    assert "How sure" not in render_html(five.summary, {})
    sure = tuple(replace(each, stability=0.97, borderline_share=0.13) for each in five.segments)
    page = render_html(replace(five, segments=sure).summary, {})
    cards = re.findall(r"<article.*?</article>", page, re.DOTALL)
    for card in cards:
        assert "<li>Comes back on other draws: 0.97, very stable.</li>" in card
        assert "<li>13% could as well belong to another segment.</li>" in card


def test_warnings_limits_and_the_way_to_reproduce_are_told(five: Made) -> None:
    text = "".join(Page(render_html(five.summary, {})).text)
    assert "a <long> tail W_SKEW" in text
    assert "mind W_X" in text
    assert "ilk fit '<mall>.csv' --k 5" in text
    assert "sha256:abc" in text
    assert "ilk 0.1.0" in text
    assert "2026-11-21" in text
    for limit in five.summary["caveats"]:
        assert limit in text


def test_an_undated_run_without_warnings(five: Made) -> None:
    facts = replace(five.facts, created=None, notices=())
    text = "".join(Page(render_html(replace(five, facts=facts).summary, {})).text)
    assert "Made with ilk." in text
    assert re.search(r"Warnings\s+None\.", text)


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
            mean, std = format_number(part.mean), format_number(part.std)
            assert f'<bdi>{mean}</bdi> <span class="spread">± {std}</span>' in page
