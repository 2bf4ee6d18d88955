"""Tables that Spark reads by their names: Parquet and CSV files, and tables of its catalog."""

from __future__ import annotations

import re
from dataclasses import dataclass
from glob import glob
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ilk.errors import InputError, Notice, OutputError, UsageError
from ilk.recipe import Reading
from ilk.tables import file_bytes
from ilk.tables.encoding import Encoding, detect_encoding, read_utf8_chunks
from ilk.tables.header import Header, read_header
from ilk.tables.number_format import NumberFormat
from ilk.tables.output_dir import build_write_error
from ilk.tables.text.dialect import Dialect, detect_dialect

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


_HEAD_BYTES = 1 << 20
_HEAD_LINES = 1000
_ADDRESS_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
_PARQUET_SUFFIXES = (".parquet", ".pq")
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
_LOCAL_ONLY_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".jsonl", ".ndjson", ".json")
_CHARSETS = {"utf-8": "UTF-8", "ascii": "UTF-8", "iso8859-1": "ISO-8859-1"}


@dataclass(frozen=True)
class SparkTable:
    """A Spark DataFrame, the names of its columns, and how it was read.

    ``text`` is whether the cells are the text of files, ``files`` whether it comes from files.
    """

    frame: DataFrame
    names: list[str]
    read_details: dict[str, str]
    number_format: NumberFormat
    notices: tuple[Notice, ...] = ()
    is_text: bool = False
    has_files: bool = True


def find_table(session: SparkSession, source: str, reading: Reading) -> SparkTable:
    """Find what a name means: a file, a folder, a pattern of names, an address or a table.

    Raises
    ------
    InputError
        ``E_INPUT_OPEN`` when there is nothing of that name, or what is wrong with a CSV file.
    UsageError
        ``E_ENGINE`` for a kind of file that is read on one machine only.
    """
    local = _find_local_files(source)
    if not local and not _ADDRESS_PATTERN.match(source):
        if _is_table(session, source):
            return _read_catalog_table(session, source, reading)
        raise InputError(
            "E_INPUT_OPEN",
            "there is no such file, and no such table in Spark's catalog",
            place=source,
            way_out="Check the spelling; workers and this machine must see the same files.",
        )
    path = _escape_path(source) if local else source
    ending = _get_suffix(local[0].name if local else source)
    if ending in _LOCAL_ONLY_SUFFIXES:
        raise build_local_only_error(f"a file that ends in {ending}", source)
    if ending in _PARQUET_SUFFIXES or not (local or ending in _TEXT_SUFFIXES):
        frame = session.read.parquet(path)
        facts = {"format": "Parquet, read by Spark"}
        return SparkTable(frame, frame.columns, facts, _build_number_format(reading))
    return _read_text(session, path, local, reading)


def build_local_only_error(what: str, place: str) -> UsageError:
    """Build the error for something that ilk reads, but not through Spark."""
    return UsageError(
        "E_ENGINE",
        f"{what} cannot be read by Spark",
        place=place,
        way_out="Read it without Spark, or write the table as Parquet files.",
    )


def _is_table(session: SparkSession, name: str) -> bool:
    from pyspark.errors import AnalysisException

    try:
        return bool(session.catalog.tableExists(name))
    except AnalysisException:
        return False  # It could not be the name of one.


def _read_catalog_table(session: SparkSession, name: str, reading: Reading) -> SparkTable:
    frame = session.table(name)
    facts = {"format": "a table of Spark's catalog"}
    return SparkTable(frame, frame.columns, facts, _build_number_format(reading), has_files=False)


def _build_number_format(reading: Reading) -> NumberFormat:
    return NumberFormat(
        reading.decimal or ("," if reading.thousands == "." else "."), reading.thousands or ""
    )


def _find_local_files(source: str) -> list[Path]:
    """Files of this machine that the name stands for, without those that Spark overlooks."""
    path = Path(source)
    if path.is_file():
        return [path]
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return [file for file in files if _is_visible(file.relative_to(path))]
    # Not Path.glob, which takes no absolute pattern.
    return sorted(Path(name) for name in glob(source) if Path(name).is_file())  # noqa: PTH207


def _is_visible(path: Path) -> bool:
    return not any(part.startswith((".", "_")) and "=" not in part for part in path.parts)


def _escape_path(source: str) -> str:
    """The absolute address of a local name, whose signs mean themselves where a file has it."""
    path = Path(source).absolute()
    text = str(path)
    return "file:" + (re.sub(r"([\\*?\[\]{}])", r"\\\1", text) if path.exists() else text)


def _get_suffix(name: str) -> str:
    return Path(name.rstrip("/").lower().removesuffix(".gz")).suffix


def _read_text(session: SparkSession, path: str, local: list[Path], reading: Reading) -> SparkTable:
    """CSV files as columns of text, each cell as it stands there."""
    if reading.max_bad_rows:
        raise build_local_only_error("a text file of which unreadable rows may be skipped", path)
    head = _read_head(session, path, local, reading)
    dialect = detect_dialect(head.text, is_whole_file=head.is_whole_file, reading=reading)
    if not dialect.sample:
        raise file_bytes.build_empty_file_error(local[0] if local else Path(path))
    if dialect.skip_rows:
        raise build_local_only_error("a text file with other lines above the column names", path)
    cells, sample = dialect.sample[0], dialect.sample[1:]
    header = read_header(cells, sample, place=path)
    frame = _read_csv(session, path, dialect, header, cells, head.encoding)
    facts = {
        "format": "text read by Spark, every cell kept as written",
        "encoding": f"{head.encoding.name}: {head.encoding.reason}",
        **dialect.reasons,
    }
    notices = (*head.encoding.notices, *dialect.notices, *header.notices)
    return SparkTable(
        frame, list(header.names), facts, dialect.number_format, notices, is_text=True
    )


@dataclass(frozen=True)
class _FileHead:
    """The beginning of a text file, whether it is all of it, and its encoding."""

    text: str
    is_whole_file: bool
    encoding: Encoding


def _read_head(session: SparkSession, path: str, local: list[Path], reading: Reading) -> _FileHead:
    if not local:
        codec = reading.encoding or "utf-8"
        lines = session.read.option("encoding", codec).text(path).head(_HEAD_LINES + 1)
        text = "\n".join(str(line[0]) for line in lines)
        encoding = Encoding(codec, codec, "given" if reading.encoding else "usual for Spark")
        return _FileHead(text, len(lines) <= _HEAD_LINES, encoding)
    file_bytes.check_file(local[0])
    what = file_bytes.detect_content(next(file_bytes.read_chunks(local[0]), b""))
    if what is not None:
        raise build_local_only_error(what, str(local[0]))
    encoding = detect_encoding(local[0], reading.encoding)
    if encoding.codec not in _CHARSETS:
        raise build_local_only_error(f"text in {encoding.name}", str(local[0]))
    pieces = read_utf8_chunks(local[0], encoding)
    head = b"".join(islice(pieces, _HEAD_BYTES // file_bytes.CHUNK_BYTES))
    whole = not any(pieces)  # Something empty may follow the end.
    return _FileHead(head.decode(errors="replace"), whole, encoding)


def _read_csv(
    session: SparkSession,
    path: str,
    dialect: Dialect,
    header: Header,
    cells: tuple[str, ...],
    encoding: Encoding,
) -> DataFrame:
    from pyspark.sql.types import StringType, StructField, StructType

    width = header.width
    folded = {cell.casefold() for cell in cells if cell.strip()}
    # Where Spark could take the names for its own, it compares them with those of every file.
    compared = len(folded) == len(cells) == width
    names = list(cells) if compared else [f"c{place}" for place in range(width)]
    frame = (
        session.read.options(
            header=True,
            sep=dialect.delimiter,
            quote=dialect.quote,
            escape=dialect.quote,
            encoding=_CHARSETS.get(encoding.codec, encoding.codec),
            mode="FAILFAST",
            enforceSchema=not compared,
            multiLine=_has_multiline_cells(session, path, dialect.quote),
        )
        .schema(StructType([StructField(name, StringType()) for name in names]))
        .csv(path)
    )
    return frame.toDF(*(f"c{place}" for place in range(width))).select(
        *(f"c{place}" for place in range(len(header.names)))
    )


def _has_multiline_cells(session: SparkSession, path: str, quote: str) -> bool:
    """Whether some line has an odd number of quotes, as one has that ends inside a cell.

    Such files cannot be cut into parts between any two lines, so Spark reads each as a whole.
    """
    from pyspark.sql import functions

    line = functions.col("value")
    quotes = functions.length(line) - functions.length(
        functions.replace(line, functions.lit(quote))
    )
    odd = session.read.text(path).where(quotes % 2 == 1)
    return odd.head() is not None


def rename_part_files(directory: Path, table_format: str, expected: int) -> None:
    """Leave the files with rows alone, under names in their order.

    Raises
    ------
    OutputError
        ``E_OUTPUT_WRITE`` when fewer than ``expected`` files are there.
    """
    files = [path for path in directory.glob("part-*") if path.stat().st_size]
    files.sort(key=lambda path: (int(path.name.split("-")[1]), path.name))
    if len(files) < expected:
        raise build_not_written_error(
            directory, "Spark's workers do not see the folder that we see"
        )
    for number, path in enumerate(files):
        path.rename(directory / f"ilk-{number:05d}")
    for path in directory.iterdir():
        if not path.name.startswith("ilk-"):
            path.unlink()
    for path in list(directory.iterdir()):
        path.rename(directory / f"{path.name.replace('ilk', 'part')}.{table_format}")


def build_not_written_error(directory: Path, why: str) -> OutputError:
    """The refusal to write where a disk is full, or of another machine."""
    shared = "Free space, or choose a folder on a disk that Spark's workers share with this machine"
    return build_write_error(directory, why, shared)


def build_exists_error(directory: Path) -> OutputError:
    """The refusal to write over what stands there."""
    return OutputError(
        "E_OUTPUT_EXISTS",
        "there is already something of this name",
        place=str(directory),
        way_out="Remove it, or choose another folder.",
    )
