from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilk.tables.text.blocks import MAX_ROW_BYTES, BlockReader, count_rows

SIGNS = {"delimiter": ",", "quote": '"', "newline": "\n"}


def _stream(text: str, chunk: int = 4, max_row_bytes: int = MAX_ROW_BYTES) -> BlockReader:
    data = text.encode()
    pieces = [data[at : at + chunk] for at in range(0, len(data), chunk)]
    return BlockReader(iter(pieces), max_row_bytes=max_row_bytes)


@given(st.text(st.sampled_from('ab,"\n')), st.integers(1, 9), st.integers(1, 40))
def test_blocks_are_the_text_and_count_its_lines(text: str, chunk: int, size: int) -> None:
    source, blocks = _stream(text, chunk), []
    while block := source.peek_block(size):
        blocks.append(block)
        source.advance(block)
    assert b"".join(blocks) == text.encode()
    assert source.line_number == 1 + text.count("\n")


def test_a_block_ends_with_a_row_not_inside_quotes() -> None:
    text = "1,a\n" + '2,"b\nc\nd\ne"\n' * 9
    source = _stream(text)
    assert source.peek_block(8) == b"1,a\n"
    source.advance(b"1,a\n")
    assert source.peek_block(8) == b'2,"b\nc\nd\ne"\n'


def test_a_row_that_never_ends_is_handed_out_at_last() -> None:
    assert len(_stream('"' + "x\n" * 500, max_row_bytes=20).peek_block(8)) < 100
    assert len(_stream("x" * 500, max_row_bytes=20).readline()) < 100


@given(st.lists(st.lists(st.text(st.sampled_from('ab,"\n')), min_size=3, max_size=3), min_size=1))
def test_well_formed_rows_are_counted(rows: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    assert count_rows(file.getvalue().rstrip("\n").encode(), 3, **SIGNS) == len(rows)


@settings(max_examples=500)
@given(st.text(st.sampled_from('a,"\n'), min_size=1), st.integers(1, 3))
def test_what_is_vouched_for_is_what_strict_reading_finds(text: str, width: int) -> None:
    block = text.rstrip("\n")
    rows = count_rows(block.encode(), width, **SIGNS)
    if block and rows is not None and width > 1:
        records = list(csv.reader(io.StringIO(block), strict=True))
        assert list(map(len, records)) == [width] * rows


@pytest.mark.parametrize(
    "block",
    [
        b"1,2\n3",
        b"1,2,3",
        b"1\n2,3,4",
        b'1,"2',
        b'1,2"x"',
        b'"1"x,2',
        b'1, "2"',
        b'1,5"\n2,6"',
        b"1,2\r3,4",
    ],
)
def test_what_does_not_add_up_is_not_vouched_for(block: bytes) -> None:
    assert count_rows(block, 2, **SIGNS) is None


def test_signs_of_several_bytes_are_not_vouched_for() -> None:
    assert count_rows("1§2".encode(), 2, delimiter="§", quote='"', newline="\n") is None
