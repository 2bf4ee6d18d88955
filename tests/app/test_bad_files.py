"""Files that cannot be used: one sentence with a way out, in their owner's terms, and a way on."""

from __future__ import annotations

import gzip

import pytest

ROWS = [f"{n},{n * n % 17},{n * 7 % 23}" for n in range(60)]


def csv(*lines: str, header: str = "id,x,y") -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def with_row(row: str) -> bytes:
    return csv(*ROWS[:30], row, *ROWS[31:])


BAD = {
    "empty.csv": (b"", "E_EMPTY_FILE"),
    "header only.csv": (csv(), "E_NO_ROWS"),
    "unclosed quote.csv": (with_row('30,"4,5'), "E_UNCLOSED_QUOTE"),
    "nul bytes.csv": (with_row("30,\0,5"), "E_NUL"),
    "every byte.csv": (bytes(range(256)) * 40, "E_NUL"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "E_CONTENT"),
    "workbook.csv": (b"PK\x03\x04" + bytes(range(256)), "E_CONTENT"),
    "two of a name.csv": (csv(*ROWS, header="id,x,x"), "E_DUPLICATE_COLUMN"),
    "no header.csv": (csv(*ROWS[1:], header=ROWS[0]), "E_NO_HEADER"),
    "ids twice.csv": (csv("1,2,3", *ROWS, header="customer_id,x,y"), "E_DUPLICATE_IDS"),
    "text in numbers.csv": (with_row("30,many,5"), "E_TEXT_IN_NUMBER"),
    "infinite.csv": (with_row("30,inf,5"), "E_INFINITE"),
    "short row.csv": (with_row("30,4"), "E_BAD_ROWS"),
    "three rows.csv": (csv(*ROWS[:3]), "E_TOO_FEW_CUSTOMERS"),
    "all the same.csv": (csv(*(f"{n},5,7" for n in range(60))), "E_NO_FEATURES"),
    "spaces.txt": (csv(*ROWS).replace(b",", b" "), "E_DELIMITER"),
    "cut short.csv.gz": (gzip.compress(csv(*ROWS))[:-20], "E_INPUT_DAMAGED"),
    "no workbook.xlsx": (b"PK\x03\x04 and nothing else", "E_INPUT_DAMAGED"),
    "no columns.parquet": (b"PAR1 and nothing else PAR1", "E_INPUT_DAMAGED"),
    "no object.jsonl": (b'{"id": 1}\n{"id": \n', "E_JSON_LINE"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_its_owners_terms(person, name):
    content, code = BAD[name]
    person.upload(name, content)
    assert not person.at.exception
    assert person.codes == [code]
    assert person.at.title[0].value.replace("\\", "") == name
    (refusal,) = person.refusals
    # What was found, then a way out, then the code.
    assert len(refusal.split("[")[0].split(". ")) >= 2
    for secret in (str(person.session.folder), "upload-", "Traceback", "Error:"):
        assert secret not in person.said
    assert not person.at.metric
    person.press("Change file")
    assert person.uploader("upload")
    assert person.refusals == []


@pytest.mark.parametrize("page", ["Choose", "Segments", "Export"])
def test_the_other_pages_say_the_same_of_a_bad_file(person, page):
    person.upload("ids twice.csv", BAD["ids twice.csv"][0]).go(page)
    assert not person.at.exception
    assert person.codes == ["E_DUPLICATE_IDS"]


def test_letters_of_another_encoding_are_assumed_and_can_be_named(person):
    rows = "".join(f"{n},M\xfcnchen {n % 3},{n * n % 17}\n" for n in range(60))
    person.upload("latin.csv", f"id,city,x\n{rows}".encode("latin-1"))
    assert person.refusals == []
    assert "latin-1" in person.said.lower()
    assert "München 0" in person.session.get_inferred_schema().sample["city"].to_list()
    encoding = person.labeled("selectbox", "Encoding")
    encoding.set_value("utf-16")
    person.submit("reading")
    assert len(person.codes) == 1
    encoding = person.labeled("selectbox", "Encoding")
    assert encoding.value == "utf-16"
    encoding.set_value("cp1252")
    person.submit("reading")
    assert person.refusals == []
    assert person.session.get_inferred_schema().n_rows == 60


def test_unreadable_rows_can_be_skipped(person):
    person.upload("short row.csv", BAD["short row.csv"][0])
    person.field("number_input", "reading").set_value(1)
    person.submit("reading")
    assert person.refusals == []
    assert person.figures[0] == 59
    assert "1 row" in person.said


def test_quotes_can_be_ordinary_text(person):
    rows = [f"{n},{('small', 'large')[n % 2]},{n * n % 17}" for n in range(60)]
    rows[30] = '30,"large,16'
    person.upload("sizes.csv", csv(*rows, header="id,size,x"))
    assert person.codes == ["E_UNCLOSED_QUOTE"]
    assert "File settings" in person.said
    quotes = person.labeled("selectbox", "Quote character")
    quotes.set_value(next(label for label in quotes.options if "single" in label))
    person.submit("reading")
    assert person.refusals == []
    assert '"large' in person.session.get_inferred_schema().sample["size"].to_list()


def test_the_thousands_separator_can_be_set(person):
    rows = "".join(f"{n},2.{n * 7 % 1000:03}\n" for n in range(100, 200))
    person.upload("odd.csv", f"id,x\n{rows}".encode())
    assert person.session.get_inferred_schema().sample["x"].max() == 2.994
    thousands = person.labeled("selectbox", "Thousands")
    thousands.set_value(next(label for label in thousands.options if "point" in label))
    person.submit("reading")
    assert person.refusals == []
    assert person.session.recipe.reading.thousands == "."
    assert person.session.get_inferred_schema().sample["x"].max() == 2_994


def test_a_column_of_repeated_ids_is_put_right_by_hand(person):
    person.upload("ids twice.csv", BAD["ids twice.csv"][0])
    person.labeled("multiselect", "Columns to leave out").set_value(["customer_id"])
    person.submit("by hand")
    assert person.refusals == []
    assert person.roles == {"customer_id": "ignore", "x": "feature", "y": "feature"}
    assert person.figures[0] == 61


def test_a_text_among_numbers_can_be_made_a_category_by_hand(person):
    person.upload("text in numbers.csv", BAD["text in numbers.csv"][0])
    person.labeled("multiselect", "Columns with categories").set_value(["x"])
    person.submit("by hand")
    assert person.refusals == []
    assert person.kinds["x"] == "category"


def test_a_wrong_answer_by_hand_is_refused_and_asked_again(person):
    person.upload("text in numbers.csv", BAD["text in numbers.csv"][0])
    person.labeled("multiselect", "Columns with categories").set_value(["x"])
    person.labeled("multiselect", "Columns with numbers").set_value(["x"])
    person.submit("by hand")
    assert person.codes == ["E_CONFLICT"]
    person.labeled("multiselect", "Columns with numbers").set_value([])
    person.submit("by hand")
    assert person.refusals == []
    assert person.session.recipe.categorical == ("x",)
