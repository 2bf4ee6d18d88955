"""Texts from outside are shown and nothing else: no markup of theirs is ever carried out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ilk.app.markdown import escape_markdown, format_error, format_notice
from ilk.errors import InputError, Notice
from ilk.formatting.text import format_single_line

HOSTILE = (
    "<script>alert(1)</script>",
    "![x](http://evil.example/a.png)",
    "[click](javascript:alert(1))",
    "$\\latex$ and $$more$$",
    ":red[big] :material/home: :smile:",
    "http://evil.example www.evil.example a@evil.example",
    "# heading",
    "| a | b |",
    "&lt;b&gt; &amp; `code` ~~gone~~ **bold** __bold__",
    "a -> b -- c <- d >= e",
    "1. one",
    "\\",
    "“quoted” 🛒 顧客 العملاء",
)

_LATER = re.compile(
    r"https?://|www\.|[\w.+-]@|:streamlit:|->|<-|--|>=|<=|~=",
    re.IGNORECASE,
)
"""What Streamlit's page still turns into a link, a logo, an arrow or a dash in text."""

_BARE = re.compile(r"(?<!\\)(?:\\\\)*(?:\$|<|(?<!:gray)\[|:(?!gray\[)[a-z/])")
"""A sign without a backslash with which a formula, a tag, a link, a color or a picture begins."""

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(markdown: str) -> tuple[str, set[str]]:
    """The text a reader sees, and what it is made of."""
    kinds, text = set(), []
    for block in _MARKDOWN.parse(markdown):
        kinds.add(block.type)
        for token in block.children or ():
            kinds.add(token.type)
            text.append(token.content)
    return "".join(text), kinds


def shown_as_is(text: str) -> None:
    markdown = escape_markdown(text)
    seen, kinds = rendered(markdown)
    assert seen.replace("\N{WORD JOINER}", "") == format_single_line(text)
    assert kinds <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert not _LATER.search(seen)
    assert not _BARE.search(markdown)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_as_it_is(text):
    shown_as_is(text)


@given(st.text())
def test_any_text_is_shown_as_it_is(text):
    shown_as_is(text)


@given(st.text(alphabet="<>:/.@-~=wWhttps$[]()!*_`#|\\& \n1a"))
def test_any_text_of_signs_is_shown_as_it_is(text):
    shown_as_is(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_refusals_and_notices_show_what_they_quote(text):
    for markdown in (
        format_error(InputError("E_X", f"no {text}", place=text, way_out=f"Rename {text}.")),
        format_notice(Notice("W_X", f"odd: {text}", text)),
        format_notice(Notice("W_X", text)),
    ):
        seen, kinds = rendered(markdown)
        assert format_single_line(text).lower() in seen.replace("\N{WORD JOINER}", "").lower()
        assert not kinds & {
            "html_inline",
            "html_block",
            "image",
            "link_open",
            "code_inline",
            "s_open",
        }
        assert not _LATER.search(seen)


def test_a_refusal_keeps_the_uploads_path_to_itself():
    error = InputError(
        "E_X", "odd /tmp/ilk-1/u.csv", place="/tmp/ilk-1/u.csv", way_out="See u.csv."
    )
    text = format_error(error, {"/tmp/ilk-1/u.csv": "<b>mine</b>.csv", "u.csv": "<b>mine</b>.csv"})
    seen, kinds = rendered(text)
    assert "tmp" not in seen
    assert seen.count("<b>mine</b>.csv") == 3
    assert "html_inline" not in kinds


def test_a_way_out_by_an_option_is_named_as_in_the_app():
    options = ("decimal", "k", "elsewhere")
    way_out = "Use {decimal} or {k}, or see {elsewhere}."
    error = InputError("E_X", "odd", way_out=way_out, options=options)
    seen, _ = rendered(format_error(error))
    assert "File settings" in seen
    assert "slider" in seen
    assert "Use “Decimal mark” or “Number of segments”, or see “elsewhere”." in seen


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


OURS = {"div", "article", "p", "span", "strong", "ul", "li", "table", "thead", "tbody", "tr"}
OURS |= {"th", "td", "caption", "bdi", "details", "summary"}
DANGERS = {"html_inline", "html_block", "image", "link_open", "heading_open", "s_open"}


def look_at(person) -> None:
    """Look at all texts, labels and HTML of the page."""
    at = person.at
    assert not at.exception
    widgets = (at.button, at.number_input, at.selectbox, at.text_input, at.text_area, at.slider)
    labels = [widget.label for kind in (*widgets, at.download_button) for widget in kind]
    labels += [widget.label for widget in (*at.metric, *at.expander, *at.tabs)]
    for text in (*person.texts, *labels):
        seen, kinds = rendered(text)
        assert not kinds & DANGERS, text
        assert "evil.example" not in seen or not _LATER.search(seen), text
        assert not _BARE.search(text), text
    for html in at.html:
        elements = _Elements()
        elements.feed(html.value)
        assert elements.tags <= OURS
        assert elements.attributes <= {"style", "class", "scope", "role", "aria-label", "title"}


def hostile_csv() -> bytes:
    number, other, category, script = HOSTILE[1], HOSTILE[4], HOSTILE[3], HOSTILE[0]
    rows = [f'{n},{n % 3 * 40 + n % 7},{n % 2 * 30 + n % 5},"{HOSTILE[n % 3]}"' for n in range(90)]
    return "\n".join([f"{script},{number},{other},{category}", *rows, ""]).encode()


def test_markup_in_columns_and_values_is_inert_on_every_page(person):
    person.upload("<img src=x onerror=alert(1)>.csv", hostile_csv())
    look_at(person)
    assert person.roles[HOSTILE[1]] == "feature"
    person.edit_column(HOSTILE[3], role="feature")
    assert person.roles[HOSTILE[3]] == "feature"
    for page in ("Data", "Choose", "Segments", "Export", "Predict"):
        person.go(page)
        assert person.refusals == []
        look_at(person)
    person.submit("one customer")
    look_at(person)
    person.label("![x](http://evil.example).csv", hostile_csv())
    look_at(person)
    person.label("![x](http://evil.example).csv", b"")
    assert len(person.refusals) == 1
    look_at(person)


def test_markup_in_the_names_of_segments_is_inert(owner):
    owner.go("Segments")
    for number, text in enumerate(HOSTILE[:5], 1):
        owner.labeled("text_input", f"Name of segment {number}").set_value(text)
        owner.labeled("text_area", f"segment {number}").set_value(text)
    owner.submit("edit")
    assert owner.refusals == []
    assert [segment.name for segment in owner.session.get_run().segments] == list(HOSTILE[:5])
    look_at(owner)
    owner.go("Predict").submit("one customer")
    look_at(owner)
    owner.go("Segments").labeled("text_input", "segment 2").set_value(HOSTILE[0])
    owner.submit("edit")
    assert owner.codes == ["E_SEGMENT_EDIT"]
    look_at(owner)


@pytest.mark.parametrize("text", [text for text in HOSTILE if "|" not in text])
def test_a_hostile_refusal_is_inert_on_the_page(person, text):
    name = text.replace('"', "").replace("\n", " ")
    rows = "".join(f"{n},{n * n % 17}\n" for n in range(60)).replace("30,16", "30,many")
    person.upload("odd.csv", f'id,"{name}"\n{rows}'.encode())
    assert person.codes == ["E_TEXT_IN_NUMBER"]
    look_at(person)
