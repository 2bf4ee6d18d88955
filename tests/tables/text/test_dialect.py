from __future__ import annotations

from typing import Any

import pytest

from ilk.errors import UsageError
from ilk.recipe import Reading
from ilk.tables.text.dialect import Dialect, detect_dialect


def _detect(text: str, **given: Any) -> Dialect:
    return detect_dialect(text, is_whole_file=True, reading=Reading(**given))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found(delimiter: str) -> None:
    text = "".join(delimiter.join(row) + "\n" for row in ["abc", "123", "456"])
    assert _detect(text).delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ('id,note\n1,"a;b;c"\n2,"d;e"\n', ","),
        ("id;spend\n1;2,5\n2;3,5\n", ";"),
        ("id;income, k$\n1;2,5\n2;3,5\n", ";"),
        ("id,tags\n1,a;b\n2,c;d\n", ","),
        ("id,name,city\n1,Ann,Rome\n2,Bo\n3,Cy,Ulm\n", ","),
        ("age\n31\n44\n", ","),
    ],
)
def test_delimiters_inside_cells_do_not_mislead(text: str, delimiter: str) -> None:
    assert _detect(text).delimiter == delimiter


def test_the_line_of_excel_announces_the_delimiter() -> None:
    dialect = _detect("sep=;\r\nid;note\r\n1;a,b\r\n")
    assert (dialect.delimiter, dialect.skip_rows, dialect.sample[0]) == (";", 1, ("id", "note"))
    assert "declared" in dialect.reasons["delimiter"]


def test_what_is_given_is_not_detected() -> None:
    dialect = _detect("a;b\n1;2\n", delimiter=",", quote="'", decimal=",", thousands=".")
    assert (dialect.delimiter, dialect.quote) == (",", "'")
    assert (dialect.number_format.decimal, dialect.number_format.thousands) == (",", ".")
    assert all(reason.endswith(": as specified") for reason in dialect.reasons.values())


def test_apostrophes_may_be_the_quotes() -> None:
    assert _detect("'id','name'\n'1','a,b'\n").quote == "'"
    assert _detect("id,name\n1,O'Neill\n").quote == '"'


@pytest.mark.parametrize(
    ("text", "newline"),
    [("a,b\n1,2\n", "\n"), ("a,b\r\n1,2\r\n", "\n"), ("a,b\r1,2\r", "\r")],
)
def test_line_ends_are_found(text: str, newline: str) -> None:
    assert _detect(text).newline == newline


def test_line_ends_inside_quotes_do_not_count() -> None:
    assert _detect('a,b\n1,"x\r\r\r\ry"\n').newline == "\n"


def test_a_row_cut_by_the_end_of_the_sample_is_left_out() -> None:
    dialect = detect_dialect("a,b\n1,2\n3", is_whole_file=False)
    assert dialect.sample == (("a", "b"), ("1", "2"))


@pytest.mark.parametrize(
    ("cells", "delimiter", "decimal", "thousands"),
    [
        (["12.5", "7"], ",", ".", ""),
        (["12,5", "7"], ";", ",", ""),
        (["1.234,56", "12,5"], ";", ",", "."),
        (["1,234.56", "12.5"], ";", ".", ","),
        (["1,234,567", "12"], ";", ".", ","),
        (["1.234.567", "12"], ";", ",", "."),
        (["0,125", "0,250"], ";", ",", ""),
        (["1234,567"], ";", ",", ""),
        (["1 234,5", "12"], ";", ",", " "),
        (["1\u00a0234.5"], ";", ".", " "),
        (["1'234.5"], ";", ".", "'"),
        (["12", "n/a", "34"], ",", ".", ""),
        (["01.02.2024", "03.04.2024"], ";", ".", ""),
        (["red, 5", "blue, 3,5"], ";", ".", ""),
    ],
)
def test_marks_are_proven_without_a_notice(
    cells: list[str], delimiter: str, decimal: str, thousands: str
) -> None:
    rows = "".join(f"{number}{delimiter}{cell}\n" for number, cell in enumerate(cells))
    dialect = _detect(f"id{delimiter}spend\n{rows}")
    assert (dialect.number_format.decimal, dialect.number_format.thousands) == (decimal, thousands)
    assert dialect.notices == ()


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "meaning"),
    [
        ('id,spend\n1,"1,234"\n', ".", ",", "1,234 was read as 1234"),
        ("id;spend\n1;1,234\n", ",", "", "1,234 was read as a decimal"),
        ("id;spend\n1;1.234\n", ".", "", "1.234 was read as a decimal"),
    ],
)
def test_what_proves_nothing_is_assumed_aloud(
    text: str, decimal: str, thousands: str, meaning: str
) -> None:
    dialect = _detect(text)
    assert (dialect.number_format.decimal, dialect.number_format.thousands) == (decimal, thousands)
    (notice,) = dialect.notices
    assert notice.code == "W_ASSUMED_NUMERALS"
    assert "'spend'" in notice.message
    assert meaning in notice.message
    assert meaning in dialect.reasons["decimal"]


def test_another_column_settles_what_is_doubtful() -> None:
    dialect = _detect("id;spend;visits\n1;1.234;2,5\n2;5.678;3,5\n")
    assert (dialect.number_format.decimal, dialect.number_format.thousands) == (",", ".")
    assert dialect.notices == ()
    assert dialect.reasons["decimal"] == "comma: shown by the numbers in 'visits'"


def test_mixed_decimals_are_told_by_column() -> None:
    dialect = _detect("id;a;b;c\n1;1.5;2.5;3,5\n2;4.5;5.5;6,5\n")
    assert dialect.number_format.decimal == "."
    assert [(notice.code, notice.column) for notice in dialect.notices] == [
        ("W_MIXED_DECIMALS", "c")
    ]
    torn = _detect("id;a\n1;1.5\n2;3,5\n")
    assert [(notice.code, notice.column) for notice in torn.notices] == [("W_MIXED_DECIMALS", "a")]


def test_a_given_separator_settles_the_decimal_mark() -> None:
    assert _detect("id;a\n1;1.234\n", thousands=".").number_format.decimal == ","


def test_one_sign_cannot_have_two_tasks() -> None:
    with pytest.raises(UsageError, match="cannot be both the decimal mark and the thousands"):
        _detect("id;a\n1;2\n", decimal=",", thousands=",")
    with pytest.raises(UsageError, match="double quotes cannot separate cells"):
        _detect("id;a\n1;2\n", delimiter='"')
