from __future__ import annotations

import codecs
import gzip
import sys
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


LEGACY = {
    "cp1251": "Москва Казань Екатеринбург мужской женский Иванов Петрова",
    "koi8_r": "Москва Казань Екатеринбург мужской женский Иванов Петрова",
    "cp866": "Москва Казань Екатеринбург мужской женский Иванов Петрова",
    "cp1250": "Łódź Kraków Gdańsk Poznań mężczyzna Świętochłowice Częstochowa",
    "iso8859_2": "Plzeň Ústí Králové muž žena Příbram Třebíč Děčín Šumperk",
    "cp1253": "Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο άνδρας γυναίκα",
    "iso8859_7": "Άρτα Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο άνδρας γυναίκα",
    "cp1254": "İstanbul Şanlıurfa Muğla Eskişehir kadın Ağrı Çanakkale Düzce",
    "cp932": "東京 大阪 名古屋 男性 女性 会員 プレミアム ひろしま",
    "euc_jp": "東京 大阪 名古屋 男性 女性 会員 プレミアム ひろしま",
    "gb18030": "北京 上海 广州 深圳 男 女 会员 高级 成都 杭州",
    "big5": "臺北 高雄 臺中 新竹 男 女 會員 高級 花蓮 桃園",
    "cp949": "서울 부산 대구 인천 남성 여성 회원 골드 광주 대전",
}
WESTERN = (
    "Köln München Düsseldorf männlich Nürnberg Größe Straße Würzburg “Öl” 5€",
    "Orléans Besançon Nîmes féminin Créteil Montréal abonné Angoulême œuvre",
    "Córdoba Málaga León señor Cádiz Logroño España Éibar Mérida",
    "São Paulo Brasília Goiânia não Maceió Belém João Conceição limões",
    "Göteborg Malmö Västerås Örebro Linköping Jönköping Umeå",
    "København Århus Ålborg Næstved Køge Helsingør Sønderborg",
    "Reykjavík Kópavogur Hafnarfjörður Garðabær Þorlákshöfn Ísafjörður",
    "Forlì Cefalù città Nardò Cantù perché virtù così",
    "Köln Málaga Besançon Ålborg São João Forlì Þorlákshöfn",
)


def _table(words: str) -> str:
    cells = words.split()
    return "id,city,spend\n" + "".join(
        f"{i},{cells[i % len(cells)]},{i * 7}\n" for i in range(2 * len(cells))
    )


@pytest.mark.parametrize("codec", LEGACY)
def test_other_legacy_encodings_are_recognized_and_told(tmp_path: Path, codec: str) -> None:
    text = _table(LEGACY[codec])
    path = _file(tmp_path, text.encode(codec))
    encoding = detect_encoding(path, chunk_bytes=50)  # signs are cut by the ends of chunks
    assert encoding.codec == codec
    assert b"".join(read_utf8_chunks(path, encoding)).decode() == text
    [notice] = encoding.notices
    assert notice.message.startswith(f"the text is not valid UTF-8 and was read as {encoding.name}")
    assert notice.message.endswith("choose the right encoding with encoding=")


@pytest.mark.parametrize("words", WESTERN)
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_western_text_stays_western(tmp_path: Path, words: str, delimiter: str) -> None:
    text = _table(words).replace(",", delimiter)
    encoding = detect_encoding(_file(tmp_path, text.encode("cp1252")))
    assert encoding.name in ("Windows-1252", "Latin-1")


def test_a_few_signs_tell_nothing(tmp_path: Path) -> None:
    for text in ("id,price\n1,£5\n", "id,size\n1,5 m²\n2,½\n", "id,name\n1,Łódź\n"):
        data = text.encode("cp1250" if "Ł" in text else "cp1252")
        assert detect_encoding(_file(tmp_path, data)).name in ("Windows-1252", "Latin-1")


def test_the_library_is_loaded_only_for_other_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)  # importing it would fail
    for codec in ("utf-8", "cp1252", "cp1250"):
        text = LEGACY["cp1250"] if codec == "cp1250" else WESTERN[0]
        assert detect_encoding(_file(tmp_path, _table(text).encode(codec))).codec == codec
    with pytest.raises(ImportError, match="charset_normalizer"):
        detect_encoding(_file(tmp_path, _table(LEGACY["cp1251"]).encode("cp1251")))
