"""Workbooks that would take too much memory are refused before anything parses them."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ilk.errors import InputError
from ilk.tables.source import open_source
from ilk.tables.workbook_size.check import check_workbook_size

FAR = "row 1,048,576 and column 16,384, which makes 17,179,869,184 cells"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
RELATIONS = f'<Relationships xmlns="{PACKAGE}">{{}}</Relationships>'


def zipped(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def xlsx(path: Path, rows: str, *, before: str = "", strings: str = "") -> Path:
    """A workbook of one sheet, as small as it can be."""
    relations = f'<Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    sheets = f'<sheets><sheet name="S" sheetId="1" r:id="a" xmlns:r="{OFFICE}"/></sheets>'
    main = f'<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts: dict[str, str | bytes] = {
        "_rels/.rels": RELATIONS.format(main),
        "xl/_rels/workbook.xml.rels": RELATIONS.format(relations),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}">{sheets}</workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{before}'
        f"<sheetData>{rows}</sheetData></worksheet>",
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    return zipped(path, parts)


def cell(reference: str, value: str = "<v>1</v>") -> str:
    return f'<c r="{reference}">{value}</c>'


HEADER = '<row r="1"><c r="A1" t="str"><v>x</v></c></row><row r="2"><c r="A2"><v>7</v></c></row>'
FILLER = "".join(f'<row r="{n}">{cell(f"A{n}")}</row>' for n in range(3, 60_000))
"""Rows that fill more than a block."""


def test_two_cells_far_apart_end_no_process(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", cell("A1") + cell("XFD1048576"))
    assert path.stat().st_size < 1_500
    code = "import sys; from ilk.tables.source import open_source; open_source(sys.argv[1])"
    process = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False, timeout=120
    )
    assert process.returncode == 1
    assert (
        f"InputError: part 'xl/worksheets/sheet1.xml': a sheet extends to {FAR}" in process.stderr
    )


@pytest.mark.parametrize(
    "far",
    [
        cell("XFD1048576"),
        cell("xfd1048576"),
        "<c t='n' r = 'XFD1048576' ><v>1</v></c>",
        '<x:c t="n" r="XFD1048576"><x:v>1</x:v></x:c>',
        '<c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c>',
        '<row r="1048576">' + "<c/>" * 16_383 + "<c><v>1</v></c></row>",
        '<row r="1048575"/><row>' + cell("XFC9") + "<c><v>1</v></c></row>",
        f"{FILLER}{cell('XFD1048576')}",
        f'{FILLER}<c t="n" r="XFD1048576"><v>1</v></c>',
        # What hides a cell from a reader that looks for tags only.
        f'<!-- <c x=" -->{cell("XFD1048576")}<!-- "> -->',
    ],
    ids=str.swapcase,
)
def test_a_cell_far_away_is_found_however_it_is_written(tmp_path: Path, far: str) -> None:
    path = xlsx(tmp_path / "a.xlsx", HEADER + far, before='<dimension ref="A1:A2"/>')
    with pytest.raises(
        InputError, match=f"a sheet extends to {FAR}; the limit is 33,554,432"
    ) as refusal:
        open_source(path)
    assert refusal.value.code == "E_WORKBOOK_SIZE"
    assert str(refusal.value).count(str(path)) == 1


@pytest.mark.parametrize(
    ("rows", "before"),
    [
        (HEADER, '<dimension ref="A1:XFD1048576"/>'),
        (HEADER + '<row r="1048576"><c r="XFD1048576" s="0"/></row>', ""),
        (HEADER + '<row r="1048576"><c r="XFD1048576"></c></row>', ""),
        (HEADER.replace('<c r="A1" t="str">', '<c t="str">').replace(' r="A2"', ""), ""),
    ],
    ids=["a wrong dimension", "an empty cell", "an empty cell with an end", "no references"],
)
def test_what_takes_no_memory_is_let_in(tmp_path: Path, rows: str, before: str) -> None:
    source = open_source(xlsx(tmp_path / "a.xlsx", rows, before=before))
    assert pl.concat(source.iter_frames()).to_dict(as_series=False) == {"x": [7.0]}


@pytest.mark.parametrize("first", range(30))
def test_cells_cut_by_the_end_of_a_block_are_seen(tmp_path: Path, first: int) -> None:
    blanks = " " * ((1 << 20) - len(f'<worksheet xmlns="{MAIN}">') - first)
    path = xlsx(tmp_path / "a.xlsx", cell("B1234567"), before=blanks[: -len("<sheetData>")])
    check_workbook_size(path, max_cells=2 * 1_234_567)
    with pytest.raises(InputError, match="row 1,234,567 and column 2"):
        check_workbook_size(path, max_cells=2 * 1_234_567 - 1)


def test_the_limit_counts_from_the_first_cell_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(9, 1, ["id", "age"])
        book.add_worksheet().write(4, 4, "elsewhere")
    check_workbook_size(path, max_cells=30)
    with pytest.raises(InputError, match=r"sheet1.xml': a sheet extends to row 10 and column 3"):
        check_workbook_size(path, max_cells=29)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", HEADER + " " * 100_000)
    check_workbook_size(path, max_bytes=101_000)
    with pytest.raises(InputError, match="unpacks to more than 100,000 bytes") as refusal:
        check_workbook_size(path, max_bytes=100_000)
    assert refusal.value.code == "E_WORKBOOK_SIZE"
    # The same, where the archive announces a smaller size.
    size, data = 100_000 + len(HEADER), path.read_bytes()
    sheet = next(part for part in zipfile.ZipFile(path).infolist() if part.file_size > size)
    lie = data.replace(struct.pack("<I", sheet.file_size), struct.pack("<I", 100))
    assert lie != data
    path.write_bytes(lie)
    with pytest.raises(InputError, match="unpacks to more than 100,000 bytes"):
        check_workbook_size(path, max_bytes=100_000)


def test_too_many_texts_are_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", HEADER, strings="<si/>" * 1_000)
    check_workbook_size(path, max_cells=1_000)
    with pytest.raises(InputError, match="more than 999 cells or texts"):
        check_workbook_size(path, max_cells=999)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            '<!DOCTYPE w [<!ATTLIST c r CDATA "A1">]><w><sheetData><c/></sheetData></w>',
            "document type",
        ),
        ("<w><sheetData><c></sheetData></w>", "mismatched tag"),
        ('<w><sheetData><c s="1" r="ABCD1"/></sheetData></w>', "there is no cell 'ABCD1'"),
    ],
)
def test_a_sheet_that_cannot_be_looked_through_is_refused(
    tmp_path: Path, part: str, message: str
) -> None:
    path = zipped(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": part})
    with pytest.raises(InputError, match=f"workbook is damaged.*{message}"):
        check_workbook_size(path)


def test_a_picture_is_no_sheet(tmp_path: Path) -> None:
    check_workbook_size(
        zipped(tmp_path / "a.xlsx", {"xl/media/a.png": b"\x89PNG <c \0\xff:c/" * 9})
    )


def ods(path: Path, rows: str) -> Path:
    names = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text"))
    table = f'<table:table table:name="S">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    content = f"<office:document-content {names}>{body}</office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<m:manifest xmlns:m="{MANIFEST}"/>'
    parts = {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content}
    return zipped(path, parts)


def ods_row(*cells: str, repeats: int = 1) -> str:
    start = f'<table:table-row table:number-rows-repeated="{repeats}">'
    return f"{start}{''.join(cells)}</table:table-row>"


def ods_text(content: str) -> str:
    start = '<table:table-cell office:value-type="string">'
    return f"{start}<text:p>{content}</text:p></table:table-cell>"


def ods_cell(value: object = None, repeats: int = 1) -> str:
    number = "" if value is None else f' office:value-type="float" office:value="{value}"'
    return f'<table:table-cell table:number-columns-repeated="{repeats}"{number}/>'


ODS_HEADER = ods_row(
    '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
)


def test_what_an_open_document_repeats_without_a_value_takes_no_memory(tmp_path: Path) -> None:
    blank = ods_row(ods_cell(repeats=16_384), repeats=1_048_574)
    rows = ODS_HEADER + ods_row(ods_cell(7), ods_cell(repeats=16_383)) + blank
    source = open_source(ods(tmp_path / "a.ods", rows))
    assert pl.concat(source.iter_frames()).rows() == [(7.0,)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ods_row(ods_cell(1, repeats=10**9)), "row 2 and column 1,000,000,000"),
        (ods_row(ods_cell(1), repeats=10**9), "row 1,000,000,001 and column 1"),
        (ods_row(ods_cell(), repeats=10**9) + ods_row(ods_cell(1)), "row 1,000,000,002"),
        (ods_row(ods_cell(repeats=10**9), ods_cell()), "more than 33,554,432 cells"),
        (ods_row(ods_text('<text:s text:c="1000000000"/>')), "more than 33,554,432 cells or texts"),
    ],
)
def test_what_an_open_document_repeats_is_counted(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_source(ods(tmp_path / "a.ods", ODS_HEADER + row))


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of a binary workbook, whose kind and size take one byte for seven bits."""
    low, high = kind & 0x7F, kind >> 7
    return (
        (bytes([low | 0x80, high]) if high or low != kind else bytes([kind]))
        + bytes([len(data)])
        + data
    )


def xlsb_cell(row: int, column: int, number: float = 1) -> bytes:
    return record(0, struct.pack("<I21x", row)) + record(5, struct.pack("<IId", column, 0, number))


def xlsb(path: Path, *cells: bytes) -> Path:
    target = '<Relationship Id="a" Type="worksheet" Target="worksheets/sheet1.bin"/>'
    wide = "a".encode("utf-16-le"), "S".encode("utf-16-le")
    bundle = struct.pack("<IIII", 0, 1, 1, 0)[:8] + b"".join(
        struct.pack("<I", len(text) // 2) + text for text in wide
    )
    book = record(0x83) + record(0x8F) + record(0x9C, bundle) + record(0x90) + record(0x84)
    sheet = record(0x81) + record(0x94, bytes(16)) + record(0x91) + b"".join(cells) + record(0x92)
    parts: dict[str, str | bytes] = {
        "xl/_rels/workbook.bin.rels": RELATIONS.format(target),
        "xl/workbook.bin": book,
        "xl/worksheets/sheet1.bin": sheet + record(0x82),
    }
    return zipped(path, parts)


def test_a_binary_workbook_is_measured(tmp_path: Path) -> None:
    path = xlsb(tmp_path / "a.xlsb", xlsb_cell(0, 0), xlsb_cell(1, 1), record(1, b"\xff" * 8))
    check_workbook_size(path, max_cells=4)
    with pytest.raises(InputError, match="first row contains only numbers"):
        open_source(path)  # it was opened
    far = xlsb(tmp_path / "b.xlsb", xlsb_cell(0, 0), xlsb_cell(1_048_575, 16_383))
    with pytest.raises(InputError, match=f"a sheet extends to {FAR}"):
        open_source(far)


def xls_record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def xls_cell(row: int, column: int, number: float = 1) -> bytes:
    return xls_record(0x0203, struct.pack("<HHHd", row, column, 0, number))


def xls_stream(*cells: bytes, texts: bytes = b"") -> bytes:
    """The globals and one sheet."""
    begin = xls_record(0x0809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    tail = b"\0\0" + b"\x01\0S"
    start = len(begin) + len(texts) + 4 + 4 + len(tail) + 4
    sheet = xls_record(0x0085, struct.pack("<I", start) + tail)
    end = xls_record(0x000A)
    return begin + texts + sheet + end + begin + b"".join(cells) + end


def xls(path: Path, stream: bytes, **changes: int) -> Path:
    """A compound file of 512-byte sectors: the table, the entries, and the stream."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // 512)
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + count), changes.get("last", 0xFFFFFFFE)]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))

    def entry(name: str, kind: int, first: int, length: int) -> bytes:
        text = name.encode("utf-16-le").ljust(64, b"\0")
        middle = struct.pack("<HBB12x36x", 2 * len(name) + 2, kind, 1)
        return text + middle + struct.pack("<IQ", first, length)

    root = entry("Root Entry", 5, 0xFFFFFFFE, 0)
    book = entry("Workbook", 2, changes.get("first", 2), changes.get("length", len(stream)))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + struct.pack(
        "<16xHHHHH6xIIIIIIIII",
        *(0x3E, 3, 0xFFFE, 9, 6, 0),
        *(changes.get("tables", 1), 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0),
    )
    numbers = struct.pack("<109I", changes.get("table", 0), *[0xFFFFFFFF] * 108)
    body = table + (root + book).ljust(512, b"\0") + stream.ljust(512 * count, b"\0")
    path.write_bytes(header + numbers + body)
    return path


def test_an_old_workbook_is_measured(tmp_path: Path) -> None:
    path = xls(tmp_path / "a.xls", xls_stream(xls_cell(0, 0), xls_cell(1, 1)))
    check_workbook_size(path, max_cells=4)
    with pytest.raises(InputError, match="first row contains only numbers"):
        open_source(path)  # it was opened
    with pytest.raises(InputError, match="row 2 and column 2, which makes 4 cells"):
        check_workbook_size(path, max_cells=3)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (xls_stream(xls_cell(0, 0), xls_cell(65_535, 65_535)), "4,294,967,296 cells"),
        (xls_stream(xls_record(0x0200, struct.pack("<IIHHH", 0, 2**31, 0, 9, 0))), "row 2,147"),
        (xls_stream(xls_record(0x0200, struct.pack("<IIHHH", 9, 1, 0, 9, 0))), "ends before it"),
        (
            xls_stream(xls_record(0x00BD, struct.pack("<HHHIH", 65_535, 0, 0, 0, 65_535))),
            "row 65,536 and column 65,536",
        ),
        (
            xls_stream(texts=xls_record(0x00FC, struct.pack("<II", 2**31 - 1, 2**31 - 1))),
            "announces 2,147,483,647 texts",
        ),
    ],
    ids=["cells", "dimensions", "dimensions turned round", "cells in a row", "texts"],
)
def test_an_old_workbook_that_takes_too_much_is_refused(
    tmp_path: Path, stream: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        open_source(xls(tmp_path / "a.xls", stream))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"last": 2}, "are inconsistent"),
        ({"last": 0xFFFFFFFF}, "are inconsistent"),
        ({"first": 10**9}, "are inconsistent"),
        ({"length": 2**31}, "announces more than it contains"),
        ({"tables": 2**31}, "announces more than it contains"),
        ({"table": 10**9}, "announces more than it contains"),
    ],
)
def test_an_old_workbook_whose_sectors_lead_astray_is_refused(
    tmp_path: Path, changes: dict[str, int], message: str
) -> None:
    path = xls(tmp_path / "a.xls", xls_stream(xls_cell(0, 0)), **changes)
    with pytest.raises(InputError, match=f"damaged.*{message}"):
        open_source(path)


@pytest.mark.parametrize(
    "content", [b"id,age\n1,2\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    with pytest.raises(InputError, match="the Excel workbook is damaged") as refusal:
        open_source(path)
    assert refusal.value.code == "E_INPUT_DAMAGED"
