"""Take out of installed packages what only their developers need; for the container image.

    python3 tools/slim.py /opt/ilk

Removed are tests, the sources that compiled code was made from, source maps, the notebook widget of
pydeck, the parts of pyarrow that talk to networks, Pillow's AVIF, and what follows the last byte of
a compiled library that is ever loaded: its table of symbols, which serves debuggers alone. Wheels
cannot hold links, so some libraries are there several times: one copy stays, the others become
links.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = {".a", ".c", ".cpp", ".f90", ".h", ".hpp", ".map", ".pxd", ".pxi", ".pyi", ".pyx"}
PARTS = (
    "pyarrow/*flight*.so*",
    "pyarrow/*s3*.so*",
    "pydeck/nbextension/static",
    "PIL/_avif*.so",
    "pillow.libs/libavif*",
)
"""What the others do without: ilk reads and writes local files, draws PNG, opens no notebook."""

ELF = b"\x7fELF\x02\x01"
"""How a 64-bit little-endian library begins."""
HEADER = struct.Struct("<32xQQ6x2H6x")
"""Of its first 64 bytes: where the segments and the sections are listed, and the segments' list."""
SEGMENT = struct.Struct("<8xQ16xQ16x")
"""Of a segment: where in the file it begins, and how long it is there."""


def main(folder: Path) -> str:
    """Slim the packages under a folder; returns what came of it."""
    before = size(folder)
    for pattern in ("tests", *PARTS):
        for path in list(folder.rglob(pattern)):
            remove(path)
    for path in files(folder):
        if path.suffix in SOURCES:
            path.unlink()
        elif ".so" in path.suffixes:
            shorten(path)
    link_copies(folder)
    return f"{folder}: {before / 1e6:.0f} MB, now {size(folder) / 1e6:.0f} MB"


def shorten(path: Path) -> None:
    """Cut a library after its last segment: the loader reads segments, debuggers read sections."""
    end = loaded_bytes(path.read_bytes())
    if end is None or end >= path.stat().st_size:
        return
    with path.open("r+b") as library:
        library.truncate(end)
        # Where the sections were listed, how long an entry is, how many there are, their names.
        library.seek(40)
        library.write(bytes(8))
        library.seek(58)
        library.write(bytes(6))


def link_copies(folder: Path) -> None:
    """Turn every further copy of a library into a link to the first."""
    first: dict[bytes, Path] = {}
    for path in sorted(files(folder)):
        if ".so" not in path.suffixes:
            continue
        original = first.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
        if original != path:
            path.unlink()
            path.symlink_to(os.path.relpath(original, path.parent))


def loaded_bytes(library: bytes) -> int | None:
    """How many bytes of a library its segments span; None if it is not one we can read."""
    if not library.startswith(ELF):
        return None
    at, _, length, count = HEADER.unpack_from(library)
    if length != SEGMENT.size:
        return None
    segments = (SEGMENT.unpack_from(library, at + number * length) for number in range(count))
    return max(at + count * length, *(start + extent for start, extent in segments))


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def files(folder: Path) -> Iterator[Path]:
    """Every file of its own under a folder, links left out."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            if not path.is_symlink():
                yield path


def size(folder: Path) -> int:
    """Bytes in all files under a folder."""
    return sum(path.stat().st_size for path in files(folder))


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
