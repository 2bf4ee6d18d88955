from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from ilk.errors import InputError, UsageError
from ilk.tables import file_bytes
from ilk.tables.encoding import detect_encoding, read_utf8_chunks

TEXT = "id,city\n1,Köln\n2,Besançon\n3,Århus\n"


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "a.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"id\n1\n", "UTF-8", "plain ASCII"),
        (TEXT.encode(), "UTF-8", "all bytes are valid"),
        (codecs.BOM_UTF8 + TEXT.encode(), "UTF-8", "byte order mark"),
        (TEXT.encode("utf-16"), "UTF-16", "byte order mark"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16", "byte order mark"),
        (TEXT.encode("utf-16-le"), "UTF-16", "every other byte is zero"),
        (TEXT.encode("utf-16-be"), "UTF-16", "every other byte is zero"),
        (TEXT.encode("latin-1"), "Latin-1", "not valid UTF-8"),
        (TEXT.replace("1,", "1,\x81\x93").encode("latin-1"), "Latin-1", "not valid UTF-8"),
        (TEXT.replace("1,", "1,“€”").encode("cp1252"), "Windows-1252", "only Windows-1252 has"),
    ],
)
def test_each_encoding_is_found_and_read(
    tmp_path: Path, data: bytes, name: str, reason: str
) -> None:
    path = _file(tmp_path, data)
    encoding = detect_encoding(path)
    assert encoding.name == name
    assert reason in encoding.reason
    text = b"".join(read_utf8_chunks(path, encoding)).decode()
    assert text.startswith("id")
    assert text == "id\n1\n" or "Köln" in text


def test_legacy_encodings_are_told(tmp_path: Path) -> None:
    encoding = detect_encoding(_file(tmp_path, TEXT.encode("latin-1")))
    assert [notice.code for notice in encoding.notices] == ["W_ENCODING_ASSUMED"]


def test_a_letter_cut_by_the_end_of_a_chunk_is_whole(tmp_path: Path) -> None:
    for codec in ("utf-8", "utf-16"):
        path = _file(tmp_path, TEXT.encode(codec))
        encoding = detect_encoding(path, chunk_bytes=3)
        assert b"".join(read_utf8_chunks(path, encoding, chunk_bytes=3)).decode() == TEXT


def test_only_the_beginning_is_searched(tmp_path: Path) -> None:
    path = _file(tmp_path, TEXT.encode("latin-1"))
    assert detect_encoding(path, max_scan_bytes=8, chunk_bytes=4).name == "UTF-8"


def test_a_given_encoding_stands(tmp_path: Path) -> None:
    path = _file(tmp_path, "id\n1,Ж\n".encode("cp1251"))
    assert b"".join(read_utf8_chunks(path, detect_encoding(path, "CP1251"))).decode() == "id\n1,Ж\n"


@pytest.mark.parametrize("name", ["klingon", "zip", "rot13"])
def test_an_unknown_encoding_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"no text encoding named '{name}'"):
        detect_encoding(_file(tmp_path, b"a"), name)


def test_a_byte_without_meaning_is_refused_with_its_place(tmp_path: Path) -> None:
    path = _file(tmp_path, b"id\n1\x81\n")
    with pytest.raises(InputError, match=r"not valid cp1252 \(.*a\.csv, near byte 4\)") as caught:
        list(read_utf8_chunks(path, detect_encoding(path, "cp1252")))
    assert caught.value.code == "E_ENCODING"


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = _file(tmp_path, gzip.compress(TEXT.encode(), mtime=0))
    assert b"".join(file_bytes.read_chunks(path)).decode() == TEXT


def test_a_gzip_cut_short_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, gzip.compress(TEXT.encode(), mtime=0)[:-12])
    with pytest.raises(InputError, match="gzip archive is damaged or cut short") as caught:
        list(file_bytes.read_chunks(path))
    assert caught.value.code == "E_INPUT_DAMAGED"


def test_errors_of_opening_say_what_and_where_once(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("id\n1\n")
    for path, message in [
        (tmp_path / "custmers.csv", r"no such file .*Did you mean 'customers.csv'"),
        (tmp_path / "zzzzzz", r"no such file .*Check the spelling"),
        (tmp_path / "none" / "a.csv", r"no such file .*folder does not exist"),
        (tmp_path, r"this is a folder"),
        (tmp_path / "customers.csv" / "a.csv", r"cannot be read"),
    ]:
        with pytest.raises(InputError, match=message) as caught:
            file_bytes.check_file(path)
        assert caught.value.code == "E_INPUT_OPEN"
        assert str(caught.value).count(str(path)) == 1


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = _file(tmp_path, b"id\n1\n")
    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(InputError, match="no permission to read it"):
        file_bytes.check_file(path)
