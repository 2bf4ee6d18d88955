"""The encoding of a text file, and the reason for choosing it."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from ilk.errors import InputError, Notice, UsageError, shorten
from ilk.tables import file_bytes
from ilk.tables.legacy_encoding import ENCODING_NAMES, recognize_legacy_encoding

# Reading this far takes well under a tenth of a second. A character outside ASCII that first
# appears later is met while the rows are read, and is an error if it contradicts the encoding.
MAX_SCAN_BYTES = 64 << 20

_BOMS = {
    codecs.BOM_UTF8: ("utf-8", "UTF-8"),
    codecs.BOM_UTF16_LE: ("utf-16", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16", "UTF-16"),
}
_ASCII = bytes(range(128))
_UNDEFINED_IN_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True)
class Encoding:
    """A codec of Python, the name that people know, and the reason for choosing it.

    Examples
    --------
    >>> Encoding("cp1252", "Windows-1252", "as specified").codec
    'cp1252'
    """

    codec: str
    name: str
    reason: str
    notices: tuple[Notice, ...] = ()


def detect_encoding(
    path: Path,
    given: str | None = None,
    *,
    max_scan_bytes: int = MAX_SCAN_BYTES,
    chunk_bytes: int = file_bytes.CHUNK_BYTES,
) -> Encoding:
    """Detect the encoding of a text file, unless it is given.

    A byte order mark decides; then NUL bytes in every other position (UTF-16); then whether all
    bytes are valid UTF-8. Of other text the words tell the encoding, such as a Cyrillic one. If
    they are Western, it is Windows-1252 if it has characters that only this code page has, such as
    curly quotes or the euro sign, and Latin-1 otherwise.

    Raises
    ------
    UsageError
        ``E_ENCODING_UNKNOWN`` when there is no encoding of the given name.
    """
    if given is not None:
        return Encoding(_find_codec(given), given, "as specified")
    chunks = file_bytes.read_chunks(path, chunk_bytes)
    first = next(chunks, b"")
    for mark, (codec, name) in _BOMS.items():
        if first.startswith(mark):
            return Encoding(codec, name, "byte order mark at the start of the file")
    if (utf16 := _detect_utf16(first)) is not None:
        return utf16
    seen = _scan(chain([first], chunks), max_scan_bytes)
    if (utf8 := _detect_utf8(seen)) is not None:
        return utf8
    return _recognize_legacy(path, max_scan_bytes, chunk_bytes) or _choose_western(seen.high_bytes)


def read_utf8_chunks(
    path: Path, encoding: Encoding, chunk_bytes: int = file_bytes.CHUNK_BYTES
) -> Iterator[bytes]:
    """Read the bytes of a text file as UTF-8, in chunks, without a byte order mark.

    UTF-8 files are not checked here: the reader of the rows checks them, and can name the line.

    Raises
    ------
    InputError
        ``E_ENCODING`` with the position of the first byte that cannot be decoded.
    """
    chunks = file_bytes.read_chunks(path, chunk_bytes)
    if encoding.codec != "utf-8":
        chunks = _transcode_to_utf8(chunks, path, encoding)
    yield next(chunks, b"").removeprefix(codecs.BOM_UTF8)
    yield from chunks


def build_encoding_error(place: str, name: str) -> InputError:
    """Build the error for bytes that cannot be decoded."""
    return InputError(
        "E_ENCODING",
        f"the text is not valid {name}",
        place=place,
        way_out="Choose the right encoding, such as {encoding}, or save the file as UTF-8.",
        options={"encoding": "cp1252"},
    )


def _find_codec(name: str) -> str:
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except LookupError as error:
        raise UsageError(
            "E_ENCODING_UNKNOWN",
            f"there is no text encoding named {shorten(name)}",
            place="{encoding}",
            way_out="Common ones are utf-8, cp1252, latin-1 and utf-16.",
            options=("encoding",),
        ) from error


def _detect_utf16(first: bytes) -> Encoding | None:
    """UTF-16 without a byte order mark: in Latin text every other byte is zero."""
    pairs = max(len(first) // 2, 1)
    high, low = first[0::2].count(0), first[1::2].count(0)
    if low and not high and low / pairs > 0.3:
        return Encoding("utf-16-le", "UTF-16", "every other byte is zero")
    if high and not low and high / pairs > 0.3:
        return Encoding("utf-16-be", "UTF-16", "every other byte is zero")
    return None


@dataclass(frozen=True)
class _Scan:
    """The bytes beyond ASCII at the beginning of a text, and whether it is valid UTF-8."""

    high_bytes: frozenset[int]
    is_utf8: bool


def _scan(chunks: Iterable[bytes], max_scan_bytes: int) -> _Scan:
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen: set[int] = set()
    valid, scanned = True, 0
    for chunk in chunks:
        scanned += len(chunk)
        seen.update(chunk.translate(None, _ASCII))
        valid = valid and _can_decode(decoder, chunk)
        if scanned >= max_scan_bytes:
            break
    return _Scan(frozenset(seen), valid)


def _detect_utf8(seen: _Scan) -> Encoding | None:
    if not seen.high_bytes:
        return Encoding("utf-8", "UTF-8", "plain ASCII text")
    return Encoding("utf-8", "UTF-8", "all bytes are valid") if seen.is_utf8 else None


def _recognize_legacy(path: Path, max_scan_bytes: int, chunk_bytes: int) -> Encoding | None:
    chunks = islice(file_bytes.read_chunks(path, chunk_bytes), -(-max_scan_bytes // chunk_bytes))
    codec = recognize_legacy_encoding(chunks)
    if codec is None:
        return None
    name = ENCODING_NAMES[codec]
    return Encoding(codec, name, "not valid UTF-8; recognized by the words", _assume(name))


def _can_decode(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _choose_western(seen: Collection[int]) -> Encoding:
    """Choose between the two Western code pages by the characters that only Windows has."""
    windows_bytes = {byte for byte in seen if byte < 0xA0}
    if windows_bytes and not windows_bytes & _UNDEFINED_IN_CP1252:
        codec, name = "cp1252", "Windows-1252"
        reason = "not valid UTF-8, with characters that only Windows-1252 has"
    else:
        codec, name, reason = "iso8859-1", "Latin-1", "not valid UTF-8, but valid Latin-1"
    return Encoding(codec, name, reason, _assume(name))


def _assume(name: str) -> tuple[Notice, ...]:
    message = (
        f"the text is not valid UTF-8 and was read as {name}; if letters look wrong, choose the "
        "right encoding with {encoding}"
    )
    return (Notice("W_ENCODING_ASSUMED", message, options=("encoding",)),)


def _transcode_to_utf8(chunks: Iterator[bytes], path: Path, encoding: Encoding) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    n_read = 0
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
            n_read += len(chunk)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        place = f"{path}, near byte {n_read + getattr(error, 'start', 0):,}"
        raise build_encoding_error(place, encoding.name) from error
