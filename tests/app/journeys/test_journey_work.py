"""Journeys through the work itself: from a table of customers to a folder of results."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import MALL, Visit
from playwright.sync_api import Page, expect

Open = Callable[..., Visit]


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the thing of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").endswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


def test_the_first_result_is_three_clicks_away(visit: Open) -> None:
    here = visit()
    here.wait_for_title("Choose customer data")
    here.segment_mall()
    assert here.clicks == 3
    expect(here.page.get_by_text("200 customers in five segments.")).to_be_visible()
    cards = here.page.locator("article")
    expect(cards.first).to_contain_text("84 customers, 42%")
    expect(cards.filter(has_text="Low-income high spenders")).to_have_count(1)


@pytest.mark.thorough
def test_the_first_result_is_three_keys_and_tab_away(visit: Open) -> None:
    here = visit()
    here.wait_for_title("Choose customer data")
    for name, then in (
        (MALL, MALL),
        ("Find segments", "How many segments?"),
        ("Show segments", "Your segments"),
    ):
        tab_to(here.page, name)
        here.page.keyboard.press("Enter")
        here.wait_for_title(then)
    expect(here.page.locator("article")).to_have_count(5)


@pytest.mark.thorough
def test_a_renamed_segment_is_in_every_download(visit: Open, data_dir: Path) -> None:
    file, name = data_dir / "Mall_Customers.csv", "Our <regulars>, “really”"
    here = visit()
    here.upload(file.name, file.read_bytes())
    here.wait_for_title(file.name)
    here.press("Find segments")
    slider = here.page.get_by_role("slider", name="Number of segments")
    expect(slider).to_be_visible()
    wanted = int(slider.input_value()) + 1
    slider.press("ArrowRight")
    expect(here.page.get_by_text("as requested").first).to_be_visible()
    here.press("Show segments")
    cards = here.page.locator("article")
    expect(cards).to_have_count(wanted)

    here.page.get_by_text("Edit names and actions").click()
    here.page.get_by_label("Name of segment 2").fill(name)
    here.press("Save changes")
    expect(cards.nth(1)).to_contain_text(name)
    here.press("Export")
    here.wait_for_title("Export")

    customers = Path(here.download("Download customers").path()).read_text("utf-8")
    renamed = [line for line in customers.splitlines() if name in line]
    assert len(customers.splitlines()) == 201
    assert 0 < len(renamed) < 200
    archive = zipfile.ZipFile(
        io.BytesIO(Path(here.download("Download everything").path()).read_bytes())
    )
    assert archive.read("customers.csv").decode() == customers
    assert name in archive.read("segments.csv").decode()
    segments = json.loads(archive.read("model.json"))["segments"]
    assert segments[1]["name"] == name
    assert segments[1]["figures"]["customers"] == len(renamed)
    assert "Our &lt;regulars&gt;, “really”" in archive.read("report.html").decode()


def test_one_new_customer_gets_a_segment(visit: Open) -> None:
    here = visit()
    here.segment_mall()
    here.press("Predict new customers")
    here.wait_for_title("Predict the segment of new customers")
    for income, spending, name in (
        ("20", "90", "Low-income high spenders"),
        ("120", "5", "High-income low spenders"),
    ):
        here.page.get_by_label(re.compile("^Annual Income")).fill(income)
        here.page.get_by_label(re.compile("^Spending Score")).fill(spending)
        here.press("Predict segment")
        expect(here.page.locator("article").filter(has_text=name)).to_have_count(1)


@pytest.mark.thorough
def test_a_column_can_be_made_to_only_describe(visit: Open, data_dir: Path) -> None:
    file = data_dir / "Mall_Customers.csv"
    here = visit()
    here.upload(file.name, file.read_bytes())
    here.wait_for_title(file.name)
    row = 2
    here.wait_for_cell(0, row, "Age")
    here.wait_for_cell(1, row, "used for segmentation")
    here.page.get_by_test_id("data-grid-canvas").focus()
    for key in (*["ArrowDown"] * row, "ArrowRight", "Enter"):
        here.page.keyboard.press(key)
    here.page.get_by_role("option", name="shown in profiles only").click()
    here.wait_for_cell(1, row, "shown in profiles only")
    here.wait_for_cell(3, row, "an age in years; chosen for this run")
    expect(here.page.get_by_test_id("stMetric").nth(2)).to_have_text("Used for segmentation2")


BROKEN = {
    "empty.csv": (b"", "empty.csv", "E_EMPTY_FILE"),
    "picture.csv": (bytes(range(256)) * 40, "picture.csv", "E_"),
    "book.xlsx": (b"PK\x03\x04 this is no workbook", "book.xlsx", "E_"),
    "one_row.csv": (b"id,age\n1,20\n", "only 1 customer", "E_TOO_FEW_CUSTOMERS"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_a_way_out(visit: Open, name: str) -> None:
    content, words, code = BROKEN[name]
    here = visit()
    here.upload(name, content)
    here.wait_for_title(name)
    message = here.page.get_by_role("alert")
    expect(message).to_contain_text(words)
    expect(message).to_contain_text(f"[{code}")
    expect(message).not_to_contain_text("inside ilk")
    expect(message).not_to_contain_text("upload-")
    here.press("Change file")
    here.press(MALL)
    here.wait_for_title(MALL)
    expect(here.get_button("Find segments")).to_be_visible()
