"""Cards hold every segment's figures, and nothing from outside comes alive in them."""

from __future__ import annotations

from dataclasses import asdict, replace
from html.parser import HTMLParser
from typing import Any

import pytest

import ilk
from ilk.formatting.colors import get_segment_color
from ilk.formatting.numbers import NO_VALUE, format_percent
from ilk.formatting.text import label_stability
from ilk.model import serialization
from ilk.report.candidate_table import format_candidates
from ilk.report.notebook.views import register_views, render_candidates, render_card, render_cards
from ilk.segments.segment import Figures, Segment, Segments, Trait
from ilk.segments.traits import MAX_SHOWN_TRAITS
from ilk.segments.wording import capitalize, describe_confidence
from ilk.selection.candidates import Candidate, Selection

ALLOWED = {"article", "bdi", "code", "div", "li", "p", "span", "strong", "ul"}
ALLOWED |= {"details", "summary", "table", "tbody", "td", "th", "thead", "tr"}
RIGHT_TO_LEFT = "\u202egold\u202c"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</bdi></article><iframe src=//evil.example>",
    "' onmouseover='alert(1)",
    "Gold & silver &lt;b&gt;",
    "<style>*{display:none}</style>",
    RIGHT_TO_LEFT,
]


class Page(HTMLParser):
    """What a browser would build: elements, attributes, and text with what it stands in."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.isolated: list[str] = []
        self.styles: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles += [value or "" for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not data.strip():
            return
        self.texts.append(data)
        if "bdi" in self.open:
            self.isolated.append(data)


def is_inert(page: Page) -> bool:
    styles = " ".join(page.styles)
    return (
        page.elements <= ALLOWED
        and page.attributes <= {"style"}
        and page.open == []
        and "url(" not in styles
        and "expression" not in styles
    )


def segment(number: int = 1, text: str = "Gold", *, traits: int = 1, share: float = 0.5) -> Segment:
    shown = tuple(Trait(f"c{i}", "high", 1.0, f"{text} {i}", text) for i in range(traits))
    return Segment(number, text, f"{text}!", Figures(1234, share, (), ()), shown)


def choice(text: str = "Two segments.") -> Selection:
    one = Candidate("kmeans", 1, 9e4, *(None,) * 6, gap=0.41, gap_error=0.03, chosen=False)
    two = Candidate(
        *("kmeans", 2, 12345.6, 0.1, 0.51234, 0.0, 0.7, 1030.94, 0.9),
        gap=0.5,
        gap_error=0.04,
        silhouette_gain=0.123,
        n_separated_groups=2,
        smallest_share=0.004,
        stability=0.9,
        stability_min=0.7,
        seed_agreement=0.66,
        largest_share=0.996,
        rejection_reason="too <small>",
        chosen=False,
    )
    three = Candidate("kmeans", 3, 4.0, *(None,) * 6, chosen=True)
    return Selection((one, two, three), text, (text,))


def show(value: Any) -> str:
    """What a notebook shows of a value: the method is put on the classes when ilk is imported."""
    return str(value._repr_html_())


@pytest.fixture(scope="module", autouse=True)
def _views() -> None:
    register_views()


@pytest.fixture(scope="module")
def run() -> ilk.Run:
    return ilk.fit(ilk.demo.load("mall"), describe=["Age", "Gender"])


@pytest.mark.parametrize("text", HOSTILE)
def test_names_traits_and_actions_are_text_and_stand_apart(text: str) -> None:
    page = Page(render_card(segment(text=text)))
    assert is_inert(page)
    assert page.isolated == [text, f"{text} 0", f"{text}!"]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_words_of_a_choice_are_text(text: str) -> None:
    page = Page(show(choice(text)))
    assert is_inert(page)
    assert page.isolated == [text, text]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_of_columns_and_segments_are_text_in_model_and_run(run: ilk.Run, text: str) -> None:
    model = run.model
    columns = tuple(replace(column, name=f"{text}{i}") for i, column in enumerate(model.schema))
    renamed = Segments(
        replace(segment, name=text, action=text, goal="") for segment in model.segments
    )
    hostile = replace(model, schema=type(model.schema)(columns), segments=renamed)
    for shown in (hostile, replace(run, model=hostile)):
        page = Page(show(shown))
        assert is_inert(page)
        assert page.isolated.count(text) == 2 * len(renamed)


def test_a_repr_does_not_steer_the_terminal() -> None:
    shown = repr(Segments([segment(text=f"\x1b[2J{RIGHT_TO_LEFT}\n2. Fake")]))
    assert shown == "1. [2Jgold 2. Fake: 1,234 customers"


def test_every_segment_appears_with_its_own_figures(run: ilk.Run) -> None:
    for shown in (run.segments, run.model, run):
        texts = Page(show(shown)).texts
        starts = [i for i, text in enumerate(texts) if text in {str(k) for k in range(1, 6)}]
        assert len(starts) == len(run.segments) == 5
        for start, segment in zip(starts, run.segments, strict=True):
            share = format_percent(segment.figures.share)
            size = [str(segment.figures.customers), f"customers, {share}"]
            assert texts[start : start + 4] == [str(segment.number), segment.name, *size]


def test_the_bar_is_as_long_as_the_share_and_in_the_color_of_the_segment() -> None:
    page = Page(render_card(segment(number=2, share=0.1234)))
    color = get_segment_color(2)
    assert sum(f"width:12.3%;background:{color}" in style for style in page.styles) == 1
    assert sum(f"border-top:5px solid {color}" in style for style in page.styles) == 1


def test_at_most_four_traits_are_told_and_none_is_told_too() -> None:
    many = Page(render_card(segment(traits=MAX_SHOWN_TRAITS + 3))).isolated
    assert many == ["Gold", "Gold 0", "Gold 1", "Gold 2", "Gold 3", "Gold!"]
    assert (
        "Close to the overall average in every column."
        in Page(render_card(segment(traits=0))).texts
    )


def test_a_card_tells_the_traits_that_the_report_tells(run: ilk.Run) -> None:
    for segment, summary in zip(run.segments, run.build_summary()["segments"], strict=True):
        traits = [trait["text"] for trait in summary["traits"]]
        reasons = [
            text
            for reason in segment.name_reasons
            for text in (capitalize(reason.words), reason.text)
        ]
        shown = [segment.name, *traits, segment.action, *reasons]
        assert Page(render_card(segment)).isolated == shown


def test_one_customer_is_not_customers() -> None:
    lonely = Segment(1, "Alone", "Greet.", Figures(1, 0.001, (), ()), ())
    assert "customer, 0.1%" in Page(render_card(lonely)).texts


def test_the_candidates_are_a_table_with_the_chosen_one_marked() -> None:
    texts = [text.replace("\xa0", " ") for text in Page(show(choice())).texts]
    start = texts.index("K")
    assert texts[start:] == [
        *("K", "Silhouette", "Gain over random data", "Gap statistic", "Separate groups"),
        *("Stability: mean, lowest", "Other random starts", "Smallest, largest", "Result"),
        *("1", "–", "–", "0.41 ± 0.03", "–", "–", "–", "–"),
        *("2", "0.512", "0.12", "0.50 ± 0.04", "2", "0.90, 0.70", "0.66", "0.4%, 99.6%"),
        "too <small>",
        *("3", *"–––––––", "chosen"),
    ]


def test_what_is_known_of_no_candidate_has_no_column() -> None:
    three = choice().candidates[-1]
    assert Page(render_candidates([three])).texts == ["K", "Result", "3", "chosen"]


def test_the_choice_of_a_run_shows_the_figures_of_every_candidate(run: ilk.Run) -> None:
    texts = Page(show(run.selection)).texts
    assert texts[: 1 + len(run.selection.reasons)] == [
        run.selection.verdict,
        *run.selection.reasons,
    ]
    assert [candidate.k for candidate in run.selection.candidates][:2] == [1, 2]
    head, *rows = format_candidates([asdict(candidate) for candidate in run.selection.candidates])
    shown = [text for row in (head, *rows) for text in row if text]
    assert texts[-len(shown) :] == shown
    for candidate, row in zip(run.selection.multi_cluster_candidates, rows[1:], strict=True):
        assert row[:3] == [
            str(candidate.k),
            f"{candidate.silhouette:.3f}",
            f"{candidate.silhouette_gain:z.2f}",
        ]
        untested = candidate.stability is None
        assert row[5] == (
            NO_VALUE if untested else f"{candidate.stability:.2f}, {candidate.stability_min:.2f}"
        )
    assert any(candidate.stability is None for candidate in run.selection.candidates[1:])


@pytest.mark.parametrize(
    ("stability", "said"),
    [
        (0.85, "Very stable: 85%"),
        (0.84, "Stable: 84%"),
        (0.75, "Stable: 75%"),
        (0.74, "Moderately stable: 74%"),
        (0.6, "Moderately stable: 60%"),
        (0.59, "Not stable: 59%"),
    ],
)
def test_a_card_says_how_reliable_its_segment_is(stability: float, said: str) -> None:
    texts = Page(render_card(replace(segment(), stability=stability, borderline_share=0.131))).texts
    assert texts[texts.index("How reliable") + 1 :] == [
        f"{said} overlap in repeat tests. 13% are borderline."
    ]


def test_a_card_is_silent_on_what_was_not_tested() -> None:
    assert "How reliable" not in Page(render_card(segment())).texts
    assert describe_confidence(replace(segment(), borderline_share=0.0)) == [
        "No borderline customers."
    ]
    quick = ilk.fit(ilk.demo.load("mall"), fast=True)
    assert "repeat tests" not in quick._repr_html_()
    assert quick._repr_html_().count("orderline") == len(quick.segments)


def test_the_cards_of_a_run_tell_its_own_stability(run: ilk.Run) -> None:
    texts = Page(run._repr_html_()).texts
    shown = [text.split(" overlap")[0] for text in texts if "repeat tests" in text]
    assert shown == [
        f"{label_stability(jaccard).capitalize()}: {format_percent(jaccard)}"
        for jaccard in run.selection.stability
    ]
    assert len(shown) == len(run.segments)


def test_the_headline_of_a_model_counts_and_names(run: ilk.Run) -> None:
    shown = "".join(Page(show(run.model)).texts)
    assert shown.startswith(
        "5 segments of 200 customers. Segmented by Annual Income (k$), Spending Score (1-100). "
        "Seed 0."
    )
    assert repr(run) == "Run: 5 segments of 200 customers"


def test_segments_are_a_tuple_in_every_other_way(run: ilk.Run) -> None:
    plain = tuple(run.segments)
    assert isinstance(run.segments, tuple)
    assert run.segments == plain
    assert hash(run.segments) == hash(plain)
    assert run.segments[1] is plain[1]
    assert run.segments[1:3] == plain[1:3]
    assert run.segments.customers == 200


def test_a_model_read_from_its_file_shows_the_same_cards(run: ilk.Run) -> None:
    read = serialization.loads(serialization.dumps(run.model))
    assert type(read.segments) is Segments
    assert read.segments == run.segments
    assert show(read) == show(run.model)
    assert render_cards(read.segments) in run._repr_html_()
