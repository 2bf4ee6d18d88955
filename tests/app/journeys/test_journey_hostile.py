"""A journey with a file whose every text wants to be more than text."""

from __future__ import annotations

import contextlib
import csv
import io
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import PATIENCE, Visit
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Visit]

PICTURE = '<img src=x onerror="window.__xss=1">'
SCRIPT = "<script>window.__xss=1</script>"
MARKDOWN = "![x](http://127.0.0.1:1/x.png)"
LINK = "[press](javascript:window.__xss=1)"
FORMULA = r"$\\href{javascript:window.__xss=1}{x}$ :red[y] :material/home:"
LEVELS = (
    "<svg onload=window.__xss=1>",
    '"><iframe src="javascript:window.__xss=1"></iframe>',
    "javascript:window.__xss=1",
)
EMPTY = "![n](http://127.0.0.1:1/n.png) [p](javascript:window.__xss=1) <b>n</b>"
TRIES = 10  # times a list is opened, should it close again
FILE = "<img src=x onerror=window.__xss=1> **x** :red[y].csv"
NAME = '<b onmouseover="window.__xss=1">VIP</b> ![](http://127.0.0.1:1/y.png)'

# Elements that only a text taken for markup can have made, and addresses that run.
MADE_FROM_DATA = """() => [...document.querySelectorAll('*')].filter(e =>
    [...e.attributes].some(a => a.name.startsWith('on') && a.value.includes('__xss'))
    || /^javascript:/i.test(e.getAttribute('href') || e.getAttribute('src') || '')
    || e.tagName === 'SCRIPT' && e.textContent.includes('__xss')
    || e.tagName === 'IMG' && /(^|\\/)[nxy](\\.png)?$/.test(e.getAttribute('src') || '')
).map(e => e.outerHTML)"""

LEFTMOST = """marks => marks.map((e, i) => [e.getBoundingClientRect().left, i])
    .sort((one, other) => one[0] - other[0])[0][1]"""


def table() -> bytes:
    """Ninety customers in three groups, under names that are to stay names."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["customer_id", PICTURE, SCRIPT, MARKDOWN, LINK, FORMULA, EMPTY])
    for i in range(90):
        group, turn = i % 3, i * 2.4
        x = 30 * group + 5 * math.sin(turn)
        y = 20 * (group == 1) + 4 * math.cos(turn)
        z = 50 - 12 * group + 3 * math.sin(3 * turn)
        level = LEVELS[group if i % 10 else (group + 1) % 3]
        numbers = [f"{value:.2f}" for value in (x, y, z)]
        writer.writerow([f"c{i}", *numbers, level, round(abs(y) + i % 7), ""])
    return rows.getvalue().encode()


def inert(page: Page, *texts: str) -> None:
    """Hold that the texts are shown as they are, and that nothing was made of any text."""
    for text in texts:
        expect(page.get_by_text(text).locator("visible=true").first).to_be_visible()
    assert page.evaluate(MADE_FROM_DATA) == []
    assert page.evaluate("window.__xss") is None


def options(here: Visit, label: str) -> None:
    """Open a list of columns, hold that it offers them as they are, and close it."""
    offered = here.page.get_by_role("option")
    for _ in range(TRIES):
        # A chart that is still being drawn moves the page, which closes an open list.
        here.wait_until_idle()
        here.page.get_by_role("combobox", name=label, exact=True).press("ArrowDown")
        with contextlib.suppress(AssertionError):
            expect(offered.first).to_be_visible(timeout=PATIENCE / TRIES)
            if {PICTURE, SCRIPT, MARKDOWN} <= set(offered.all_inner_texts()):
                break
    else:
        pytest.fail(f"the list {label!r} does not offer the columns")
    inert(here.page)
    here.page.keyboard.press("Escape")
    expect(offered).to_have_count(0)


def hover(chart: Locator, marks: str, text: str) -> None:
    """Point at the leftmost mark of a chart: its tooltip tells a text as it is."""
    chart.locator(marks).nth(chart.locator(marks).evaluate_all(LEFTMOST)).hover(force=True)
    tooltip = chart.page.locator("#vg-tooltip-element")
    expect(tooltip).to_contain_text(text)
    inert(chart.page)
    chart.page.mouse.move(0, 0)


def chart(here: Visit, tab: str) -> Locator:
    here.page.get_by_role("tab", name=tab, exact=True).click()
    drawn = here.page.get_by_role("tabpanel", name=tab).get_by_test_id("stVegaLiteChart")
    expect(drawn).to_be_visible()
    inert(here.page)
    return drawn


@pytest.fixture
def segmented(visit: Open) -> Visit:
    """The hostile table, read and segmented."""
    here = visit()
    here.upload(FILE, table())
    here.wait_for_title(FILE)
    for row, name in enumerate((PICTURE, SCRIPT, MARKDOWN, LINK, FORMULA, EMPTY), start=1):
        here.wait_for_cell(0, row, name)
    notice = here.page.get_by_role("alert").first
    expect(notice).to_contain_text("it is empty")
    assert EMPTY in notice.inner_text().replace("\N{WORD JOINER}", "")
    inert(here.page)
    here.press("Find segments")
    here.wait_for_title("How many segments?")
    inert(here.page)
    here.press("Show segments")
    here.wait_for_title("Your segments")
    inert(here.page, PICTURE)
    return here


@pytest.mark.thorough
def test_charts_and_lists_of_a_hostile_table_show_its_texts(segmented: Visit) -> None:
    here = segmented
    scatter = chart(here, "Scatter plot")
    for label in ("Horizontal axis", "Vertical axis"):
        options(here, label)
    hover(scatter, ".role-mark.mark-symbol path", PICTURE)
    hover(chart(here, "Profile"), ".role-mark.mark-rect path", PICTURE)
    chart(here, "Distribution")
    options(here, "Column")


@pytest.mark.thorough
def test_a_hostile_name_is_a_name_on_every_page_and_in_the_report(
    segmented: Visit, tmp_path: Path
) -> None:
    here = segmented
    here.page.get_by_text("Edit names and actions").click()
    here.page.get_by_label("Name of segment 1").fill(NAME)
    here.page.get_by_label("Action for segment 1").fill(f"{SCRIPT} {MARKDOWN}")
    here.press("Save changes")
    expect(here.page.locator("article").first).to_contain_text(NAME)
    inert(here.page, NAME, f"{SCRIPT} {MARKDOWN}")
    here.press("Predict new customers")
    here.wait_for_title("Predict the segment of new customers")
    inert(here.page, PICTURE, SCRIPT)
    here.press("Predict segment")
    expect(here.page.locator("article")).to_be_visible()
    inert(here.page)
    here.go("Export")
    here.wait_for_title("Export")
    inert(here.page)

    report = tmp_path / "report.html"
    here.download("Download report").save_as(report)
    page = here.context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    inert(page, NAME, PICTURE)
    assert [url for url in asked if not re.match("data:|blob:", url)] == [report.as_uri()]
