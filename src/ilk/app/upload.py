"""Tables of customers: uploaded, opened by their path, or bundled with ilk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ilk.app.access import is_loopback
from ilk.errors import InputError
from ilk.formatting.text import format_literal
from ilk.recipe import Reading, Recipe
from ilk.tables.base import NamedSource, Source
from ilk.tables.frames import open_frame
from ilk.tables.parquet_dataset import find_part_files, is_dataset
from ilk.tables.source import open_source

if TYPE_CHECKING:
    from ilk.demo import Dataset

FILE_EXTENSIONS = (".csv", ".tsv", ".txt", ".gz", ".parquet", ".xlsx", ".xls", ".jsonl", ".json")
"""File extensions that the app accepts."""


@dataclass(frozen=True, eq=False)
class CustomerTable:
    """A table of customers and what the app knows about it.

    ``name`` is shown to the user. ``expression`` is the Python expression for the table in a
    script. ``description`` and ``recipe`` come with bundled tables. ``names`` maps paths on this
    machine to the names by which the user knows the files.
    """

    name: str
    expression: str
    origin: Source | Path
    description: str = ""
    recipe: Recipe = field(default_factory=Recipe)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_text_file(self) -> bool:
        """Whether the table may be a text file, for which the file settings matter."""
        return isinstance(self.origin, Path)

    def open_source(self, reading: Reading) -> Source:
        """The table as a source, under the name that the user knows."""
        return NamedSource(open_source(self.origin, reading), self.name)


def load_bundled(dataset: Dataset) -> CustomerTable:
    """A table that is bundled with ilk.

    Examples
    --------
    >>> from ilk import demo
    >>> load_bundled(demo.get_dataset("mall")).expression
    'ilk.demo.load_customers("mall")'
    """
    from ilk.demo import load_customers

    return CustomerTable(
        name=dataset.title,
        expression=f'ilk.demo.load_customers("{dataset.name}")',
        origin=open_frame(load_customers(dataset.name), name=dataset.title),
        description=dataset.description,
        recipe=dataset.recipe,
    )


def save_upload(name: str, content: bytes, folder: Path) -> CustomerTable:
    """Save an uploaded file under a name of our own; its own name is only shown.

    Parameters
    ----------
    name : str
        Its name on the user's machine. It is never used as a path.
    content : bytes
    folder : Path
        The folder to save it in.
    """
    shown = PurePath(name.replace("\\", "/")).name or "upload"
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix="upload-", suffix=_get_extension(shown), delete=False
    ) as file:
        file.write(content)
    path = Path(file.name)
    return CustomerTable(
        shown, format_literal(shown), path, names={str(path): shown, path.name: shown}
    )


def open_path(text: str, *, address: str | None) -> CustomerTable:
    """A table from a file on the machine that runs the app, which is read in place.

    Parameters
    ----------
    text : str
        Its path, as typed.
    address : str or None
        Where the app listens. Only on a loopback address the path may lead anywhere; else it must
        stay in the folder in which the app was started.

    Raises
    ------
    InputError
        ``E_PATH_OUTSIDE`` if others can reach the app and the path leads out of its folder.
    """
    path = _parse_path(text)
    home = Path.cwd().resolve()
    if not is_loopback(address) and not all(
        file.resolve().is_relative_to(home) for file in _expand_path(path)
    ):
        raise InputError(
            "E_PATH_OUTSIDE",
            "other machines can reach this app, so it opens only files in the folder in which it "
            "was started",
            place=text,
            way_out=f"Move the file into {home}, or upload it.",
        )
    return CustomerTable(path.name, format_literal(str(path)), path)


def _expand_path(path: Path) -> Iterator[Path]:
    """A path and the files behind it: links in a folder may lead out of it."""
    yield path
    if is_dataset(path):
        yield from find_part_files(path)


def _parse_path(text: str) -> Path:
    """The path that was typed, or pasted in quotes."""
    path = Path(text.strip().strip("\"'"))
    try:
        return path.expanduser()
    except RuntimeError:  # no such user, so "~name" is the name of a file
        return path


def _get_extension(name: str) -> str:
    """The extension by which the format is recognized; that of a text file if there is none."""
    folded = name.lower()
    extension = next((known for known in FILE_EXTENSIONS if folded.endswith(known)), ".csv")
    inner = folded.removesuffix(".gz")
    if extension == ".gz":
        return next((json for json in (".json", ".jsonl") if inner.endswith(json)), ".csv") + ".gz"
    return extension
