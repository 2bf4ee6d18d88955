"""Encoding: which letters the bytes of a text file stand for, and why we think so."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ilk.errors import InputError, Notice, UsageError, shorten
from ilk.tables import file_bytes

# Reading this far costs well under a tenth of a second. A letter outside ASCII that first comes
# later is met while the rows are read, and is an error there if it contradicts what was found.
_SCAN_BYTES = 64 << 20

_BOMS = {
    codecs.BOM_UTF8: ("utf-8", "UTF-8"),
    codecs.BOM_UTF16_LE: ("utf-16", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16", "UTF-16"),
}
_ASCII = bytes(range(128))
_UNDEFINED_IN_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True)
class Encoding:
    """A codec of Python's, the name people know it by, and the reason for it.

    Examples
    --------
    >>> Encoding("cp1252", "Windows-1252", "it holds curly quotes").codec
    'cp1252'
    """

    codec: str
    name: str
    reason: str
    notices: tuple[Notice, ...] = ()


def detect_encoding(path: Path, given: str | None = None) -> Encoding:
    """Encoding of a text file: the one given, or the one its bytes point to.

    A byte order mark decides; then NUL bytes on every other place (UTF-16); then whether all bytes
    are valid UTF-8. What remains is Windows-1252 if it uses that code page's own letters, such as
    curly quotes or the euro sign, and Latin-1 otherwise.

    Raises
    ------
    UsageError
        ``E_ENCODING_UNKNOWN`` when no encoding has the name given.
    """
    if given is not None:
        return Encoding(_find_codec(given), given, "given")
    pieces = file_bytes.read_chunks(path)
    first = next(pieces, b"")
    for mark, (codec, name) in _BOMS.items():
        if first.startswith(mark):
            return Encoding(codec, name, "the file begins with its byte order mark")
    return _detect_utf16(first) or _detect_utf8_or_legacy(chain([first], pieces))


def read_utf8_chunks(path: Path, encoding: Encoding) -> Iterator[bytes]:
    """Bytes of a text file as UTF-8, in chunks, without a byte order mark.

    UTF-8 files pass unchecked: the reader of the rows checks them, and can name the line.

    Raises
    ------
    InputError
        ``E_ENCODING`` with the place of the first byte that has no meaning.
    """
    pieces = file_bytes.read_chunks(path)
    if encoding.codec != "utf-8":
        pieces = _transcode_to_utf8(pieces, path, encoding)
    yield next(pieces, b"").removeprefix(codecs.BOM_UTF8)
    yield from pieces


def build_encoding_error(place: str, name: str) -> InputError:
    """Build the error for bytes that mean nothing in the encoding assumed."""
    return InputError(
        "E_ENCODING",
        f"the text is not all {name}",
        place=place,
        way_out="Name the right encoding with --encoding, for example cp1252, or save the file "
        "as UTF-8.",
    )


def _find_codec(name: str) -> str:
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except LookupError as error:
        raise UsageError(
            "E_ENCODING_UNKNOWN",
            f"there is no text encoding called {shorten(name)}",
            place="--encoding",
            way_out="Common ones are utf-8, cp1252, latin-1 and utf-16.",
        ) from error


def _detect_utf16(first: bytes) -> Encoding | None:
    """UTF-16 without a byte order mark: Latin letters leave every other byte zero."""
    pairs = max(len(first) // 2, 1)
    high, low = first[0::2].count(0), first[1::2].count(0)
    if low and not high and low / pairs > 0.3:
        return Encoding("utf-16-le", "UTF-16", "every other byte is zero")
    if high and not low and high / pairs > 0.3:
        return Encoding("utf-16-be", "UTF-16", "every other byte is zero")
    return None


def _detect_utf8_or_legacy(pieces: Iterable[bytes]) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen: set[int] = set()
    valid, scanned = True, 0
    for piece in pieces:
        scanned += len(piece)
        seen.update(piece.translate(None, _ASCII))
        valid = valid and _can_decode(decoder, piece)
        if scanned >= _SCAN_BYTES:
            break
    if not seen:
        return Encoding("utf-8", "UTF-8", "the file is plain ASCII")
    return Encoding("utf-8", "UTF-8", "every byte fits") if valid else _choose_legacy(seen)


def _can_decode(decoder: codecs.IncrementalDecoder, piece: bytes) -> bool:
    try:
        decoder.decode(piece)
    except UnicodeDecodeError:
        return False
    return True


def _choose_legacy(seen: set[int]) -> Encoding:
    """Choose between the two Western code pages by the letters only Windows has."""
    own = {byte for byte in seen if byte < 0xA0}
    if own and not own & _UNDEFINED_IN_CP1252:
        codec, name, why = (
            "cp1252",
            "Windows-1252",
            "it is not UTF-8 and uses that page's own signs",
        )
    else:
        codec, name, why = "iso8859-1", "Latin-1", "it is not UTF-8 and every byte fits"
    message = (
        f"the text is not UTF-8 and was read as {name}; if letters look wrong, name the encoding "
        "with --encoding"
    )
    return Encoding(codec, name, why, (Notice("W_ENCODING_ASSUMED", message),))


def _transcode_to_utf8(pieces: Iterator[bytes], path: Path, encoding: Encoding) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    done = 0
    try:
        for piece in pieces:
            yield decoder.decode(piece).encode()
            done += len(piece)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        place = f"{path}, near byte {done + getattr(error, 'start', 0):,}"
        raise build_encoding_error(place, encoding.name) from error
