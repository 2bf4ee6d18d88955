"""Journeys on other screens: a narrow window, a dark one."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
from browsing import Visit
from PIL import Image, ImageStat
from playwright.sync_api import Locator, expect

Open = Callable[..., Visit]
PAGES = ("Data", "Choose", "Segments", "Predict", "Export")

WIDTHS = """() => {
    const wide = e => e.scrollWidth - e.clientWidth;
    return [wide(document.documentElement), wide(document.querySelector('[data-testid=stMain]'))];
}"""

# What can be clicked or typed into, and lies beside the window; a strip that scrolls may hide it.
BESIDE = """() => {
    const scrolls = e => e && (/auto|scroll/.test(getComputedStyle(e).overflowX)
        && e.dataset.testid !== 'stMain' || scrolls(e.parentElement));
    return [...document.querySelectorAll('button,a,input,textarea,[role=tab],summary')]
        .filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
        .filter(e => !e.closest('[data-testid=stSidebar],[data-testid=stSkipToContent]'))
        .filter(e => !scrolls(e.parentElement))
        .filter(e => {
            const box = e.getBoundingClientRect();
            return box.width && (box.left < 0 || box.right > innerWidth + 1);
        })
        .map(e => e.outerHTML.slice(0, 200));
}"""

TEXT_AND_PAGE = """chart => [
    ...[...chart.querySelectorAll('[class*=role-axis] text, .role-legend text, .role-title text')]
        .filter(e => e.textContent.trim() && e.checkVisibility() && +getComputedStyle(e).opacity)
        .map(e => [e.textContent, getComputedStyle(e).fill]),
    ['', getComputedStyle(chart.querySelector('svg')).backgroundColor],
]"""


def contrast(one: str, other: str) -> float:
    """How far two colors are apart, from 1 to 21, as the web's guidelines for readers count it."""

    def light(color: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def pale(chart: Locator) -> list[tuple[str, str]]:
    """Words of a chart that hardly differ from the page behind them."""
    *texts, (_, page) = chart.evaluate(TEXT_AND_PAGE)
    assert texts, "the chart has no text"
    return [(text, color) for text, color in texts if contrast(color, page) < 4.5]


def charts(here: Visit) -> Iterator[tuple[str, Locator]]:
    """The charts on the page of segments whose texts stand on the page itself."""
    for name in ("Scatter plot", "Distribution"):
        here.page.get_by_role("tab", name=name, exact=True).click()
        chart = here.page.get_by_role("tabpanel", name=name).get_by_test_id("stVegaLiteChart")
        expect(chart.locator("svg text").first).to_be_visible()
        yield name, chart


def luminance(here: Visit) -> float:
    """How light the page is, from 0 to 255."""
    picture = Image.open(io.BytesIO(here.page.screenshot())).convert("L")
    return ImageStat.Stat(picture).mean[0]


@pytest.mark.thorough
def test_in_a_narrow_window_everything_fits_and_can_be_reached(visit: Open) -> None:
    here = visit(width=400, height=800)
    here.segment_mall()
    for page in PAGES:
        here.go(page)
        expect(here.page.get_by_role("heading", level=1)).to_be_visible()
        if page == "Segments":
            here.page.get_by_text("Edit names and actions").click()
            for tab in ("Profile", "Distribution", "Scatter plot"):
                here.page.get_by_role("tab", name=tab, exact=True).click()
                expect(
                    here.page.get_by_test_id("stVegaLiteChart").locator("visible=true")
                ).to_have_count(1)
                assert here.page.evaluate(WIDTHS) == [0, 0], tab
        assert here.page.evaluate(WIDTHS) == [0, 0], page
        assert here.page.evaluate(BESIDE) == [], page


def test_a_dark_page_is_dark_and_its_charts_can_be_read(visit: Open) -> None:
    here = visit(dark=True)
    here.segment_mall()
    assert luminance(here) < 60
    assert {name: words for name, chart in charts(here) if (words := pale(chart))} == {}


@pytest.mark.thorough
def test_a_light_page_is_light_and_its_charts_can_be_read(visit: Open) -> None:
    here = visit()
    here.segment_mall()
    assert luminance(here) > 200
    assert {name: words for name, chart in charts(here) if (words := pale(chart))} == {}
