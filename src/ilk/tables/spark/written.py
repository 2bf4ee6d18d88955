"""Written: the folder of part files that Spark's workers leave."""

from __future__ import annotations

from pathlib import Path

from ilk.errors import OutputError
from ilk.tables.sink import cannot_write


def tidy(directory: Path, table_format: str, expected: int) -> None:
    """Leave the files with rows alone, under names in their order.

    Raises
    ------
    OutputError
        ``E_OUTPUT_WRITE`` when fewer than ``expected`` files are there.
    """
    files = [path for path in directory.glob("part-*") if path.stat().st_size]
    files.sort(key=lambda path: (int(path.name.split("-")[1]), path.name))
    if len(files) < expected:
        raise not_written(directory, "Spark's workers do not see the folder that we see")
    for number, path in enumerate(files):
        path.rename(directory / f"ilk-{number:05d}")
    for path in directory.iterdir():
        if not path.name.startswith("ilk-"):
            path.unlink()
    for path in list(directory.iterdir()):
        path.rename(directory / f"{path.name.replace('ilk', 'part')}.{table_format}")


def not_written(directory: Path, why: str) -> OutputError:
    """The refusal to write where a disk is full, or of another machine."""
    shared = "Free space, or choose a folder on a disk that Spark's workers share with this machine"
    return cannot_write(directory, why, shared)


def exists(directory: Path) -> OutputError:
    """The refusal to write over what stands there."""
    return OutputError(
        "E_OUTPUT_EXISTS",
        "there is already something of this name",
        place=str(directory),
        way_out="Remove it, or choose another folder.",
    )
