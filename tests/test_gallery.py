"""The gallery is what its command writes; only the smallest section is written anew here."""

from __future__ import annotations

from write_gallery import EXAMPLES, PAGE, PICTURES, find_section, render_section, run_example

CHECKED = "demo_mall"


def test_a_section_is_what_the_command_writes():
    example = next(example for example in EXAMPLES if example.name == CHECKED)
    page = PAGE.read_text("utf-8")
    shown = render_section(example, run_example(example))
    assert find_section(page, CHECKED) == shown, "run python tools/write_gallery.py"


def test_every_table_has_its_section_and_its_picture():
    page = PAGE.read_text("utf-8")
    missing = [
        example.name
        for example in EXAMPLES
        if not find_section(page, example.name) or not (PICTURES / f"{example.name}.png").exists()
    ]
    assert missing == []


def test_the_pictures_stay_small_and_none_is_left_over():
    pictures = list(PICTURES.iterdir())
    assert {path.stem for path in pictures} == {example.name for example in EXAMPLES}
    assert sum(path.stat().st_size for path in pictures) < 400_000
