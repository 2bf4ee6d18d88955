"""Tables that people bring: what a file is called never says where it is kept or read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilk
from ilk.app.upload import FILE_EXTENSIONS, load_bundled, open_path, save_upload
from ilk.errors import InputError
from ilk.recipe import Reading

CONTENT = b"id,x\n1,2\n3,4\n"
NAMES = {
    "../../etc/passwd": "passwd",
    "/etc/passwd.csv": "passwd.csv",
    "..\\..\\boot.csv": "boot.csv",
    "a\\b.csv": "b.csv",
    "C:\\Users\\me\\mine.parquet": "mine.parquet",
    "..": "..",
    ".": "upload",
    "": "upload",
    "/": "upload",
    "x" * 5_000 + ".csv": "x" * 5_000 + ".csv",
    "nul\0byte.csv": "nul\0byte.csv",
    "顧客 🛒 العملاء.csv": "顧客 🛒 العملاء.csv",
    "CON.xlsx": "CON.xlsx",
    "$(rm -rf *).csv": "$(rm -rf *).csv",
    "lone \ud800.csv": "lone \ud800.csv",
}


def kept_safely(name: str, folder: Path) -> str:
    """Keep an upload of that name, and return what it is called."""
    before = set(folder.iterdir())
    table = save_upload(name, CONTENT, folder)
    (file,) = set(folder.iterdir()) - before
    assert table.origin == file
    assert file.parent == folder
    assert file.read_bytes() == CONTENT
    stem, _, ending = file.name.partition(".")
    assert stem.startswith("upload-")
    assert stem.isascii()
    assert len(file.name) < 40
    assert "." + ending in {*FILE_EXTENSIONS, ".csv.gz", ".json.gz", ".jsonl.gz"}
    assert "/" not in table.name
    assert table.names[str(file)] == table.names[file.name] == table.name
    return table.name


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_an_uploads_name_is_never_a_path(name, tmp_path):
    assert kept_safely(name, tmp_path) == NAMES[name]
    assert [path.parent for path in tmp_path.rglob("*")] == [tmp_path]


@given(st.text(st.characters(), max_size=40))
def test_no_name_leaves_the_folder(tmp_path_factory, name):
    kept_safely(name, tmp_path_factory.mktemp("kept"))


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.CSV", ".csv"),
        ("a.xlsx", ".xlsx"),
        ("a.tar.gz", ".csv.gz"),
        ("a.jsonl.gz", ".jsonl.gz"),
        ("a.Json.GZ", ".json.gz"),
        ("a.exe", ".csv"),
        ("parquet", ".csv"),
        ("a.parquet.csv", ".csv"),
    ],
)
def test_the_ending_tells_the_kind_of_file(tmp_path, name, ending):
    assert str(save_upload(name, CONTENT, tmp_path).origin).endswith(ending)


def test_two_files_of_one_name_are_two_files(tmp_path):
    first, second = (save_upload("a.csv", content, tmp_path) for content in (CONTENT, b"id,y\n"))
    assert first.origin != second.origin
    assert isinstance(first.origin, Path)
    assert first.origin.read_bytes() == CONTENT


def test_a_table_is_read_under_its_owners_name(tmp_path):
    source = save_upload("../mine.csv", CONTENT, tmp_path).open_source(Reading())
    assert source.name == "mine.csv"
    assert source.schema.keys() == {"id", "x"}
    file = tmp_path / "theirs.csv"
    file.write_bytes(CONTENT)
    assert (
        source.fingerprint()
        == open_path(str(file), address="::1").open_source(Reading()).fingerprint()
    )


def test_bundled_customers_come_with_their_recipe():
    for name, dataset in ilk.demo.DATASETS.items():
        table = load_bundled(dataset)
        assert not table.is_text_file
        assert table.recipe == dataset.recipe
        assert eval(table.expression, {"ilk": ilk}).equals(ilk.demo.load_customers(name))


def test_a_path_may_lead_anywhere_only_where_nobody_else_can_ask(tmp_path, monkeypatch):
    home, secret = tmp_path / "home", tmp_path / "secret.csv"
    home.mkdir()
    secret.write_bytes(CONTENT)
    (home / "way out").symlink_to(tmp_path)
    (home / "mine.csv").write_bytes(CONTENT)
    monkeypatch.chdir(home)
    paths = [str(secret), "../secret.csv", "way out/secret.csv", "./way out/../secret.csv", "~/x"]
    for text in paths:
        assert open_path(text, address="127.0.0.1").origin == Path(text).expanduser()
        for address in ("0.0.0.0", None):
            with pytest.raises(InputError, match="other machines can reach this app"):
                open_path(text, address=address)
    for text in ("mine.csv", str(home / "mine.csv"), "way out/home/mine.csv", "missing.csv"):
        assert open_path(text, address="0.0.0.0").origin == Path(text)


def test_home_is_written_as_people_write_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    table = open_path(" '~/mine.csv' ", address="127.0.0.1")
    assert table.origin == tmp_path / "mine.csv"
    assert table.expression == f'"{tmp_path / "mine.csv"}"'
    assert open_path("~no such user/a.csv", address="::1").origin == Path("~no such user/a.csv")


def test_links_in_a_folder_do_not_lead_others_out_of_it(tmp_path, monkeypatch):
    home, outside = tmp_path / "home", tmp_path / "outside.parquet"
    (home / "sales").mkdir(parents=True)
    pl.DataFrame({"id": [1]}).write_parquet(outside)
    pl.DataFrame({"id": [2]}).write_parquet(home / "sales" / "a.parquet")
    monkeypatch.chdir(home)
    named = ("sales", "sales/*.parquet")
    for text in named:
        assert open_path(text, address="0.0.0.0").open_source(Reading()).schema
    (home / "sales" / "b.parquet").symlink_to(outside)
    for text in named:
        assert open_path(text, address="127.0.0.1").origin == Path(text)
        with pytest.raises(InputError, match="opens only files in the folder"):
            open_path(text, address="0.0.0.0")
