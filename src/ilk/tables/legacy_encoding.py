"""Encodings of the time before Unicode, told from each other by the words that a file holds.

Where nearly all letters of the words are beyond ASCII, the script is not Latin, and
charset-normalizer tells which one it is. It cannot tell apart the code pages of Latin script, which
differ in a few letters: there the alphabets of the languages decide, and Western Europe stays where
its letters explain the words as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

_MIN_HIGH_BYTES = 8
"""Bytes beyond ASCII that are needed to tell anything."""

_MAX_WORD_BYTES = 64 << 10
_MIN_DENSITY = 0.5
"""Share of bytes beyond ASCII among the letters of words that have some. In Latin script it is
a fifth or so, in others nearly 1, or three quarters where a sign may have an ASCII byte."""

_MIN_COVERAGE, _MIN_LEAD = 0.95, 0.03
"""Share of the letters that the alphabet of one language has, and its lead over Western ones."""

_WORD = re.compile(rb"[@-~\x80-\xff]*[\x80-\xff][@-~\x80-\xff]*")
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")

ENCODING_NAMES = {
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp866": "CP866 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "iso8859_7": "ISO 8859-7 (Greek)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "CP949 (Korean)",
    "cp1250": "Windows-1250 (Central European)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "cp1254": "Windows-1254 (Turkish)",
}
"""The codecs that are recognized, and the names that people know."""

_LATIN = ("cp1250", "iso8859_2", "cp1254")
_OTHER_SCRIPTS = tuple(codec for codec in ENCODING_NAMES if codec not in _LATIN)
_CENTRAL_ALPHABETS = (
    *("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
)
_ALPHABETS = {
    "cp1250": _CENTRAL_ALPHABETS,
    "iso8859_2": _CENTRAL_ALPHABETS,
    "cp1254": ("çğıöşüâîûi\u0307",),
}
_WESTERN_ALPHABETS = (
    *("äöüßé", "àâæçéèêëîïôœùûüÿ", "áéíñóúüç", "áâãàçéêíóôúü", "àèéìíîòóùú", "åäöé", "æøåéöäü"),
    *("éëïöüáóèç", "áðéíóúýþæö", "àçèéíïòóúü", "äõöüšž"),
)


_PUNCTUATION = bytes(
    byte
    for byte in range(0x80, 0x100)
    if (sign := bytes([byte]).decode("cp1252", "replace"))
    == bytes([byte]).decode("cp1250", "replace")
    and not sign.isalpha()
    and sign != "\ufffd"
)
"""Dashes, quotes, the euro and the like, which have the same place in all of these code pages."""


def recognize_legacy_encoding(chunks: Iterable[bytes]) -> str | None:
    r"""Recognize an encoding other than the Western ones; ``None`` where these explain the words.

    Parameters
    ----------
    chunks : iterable of bytes
        The beginning of a text that is neither UTF-8 nor UTF-16.

    Examples
    --------
    >>> recognize_legacy_encoding(["город\nМосква\nКазань".encode("koi8_r")])
    'koi8_r'
    >>> recognize_legacy_encoding(["Plzeň\nTřebíč\nDěčín\nPříbram".encode("cp1250")])
    'cp1250'
    >>> recognize_legacy_encoding(["Köln\nMálaga\nBesançon\nÅlborg\nSão João".encode("cp1252")])
    """
    words = list(_collect_words(chunks))
    high = sum(len(_HIGH.findall(word)) for word in words)
    if high < _MIN_HIGH_BYTES:
        return None
    letters = sum(len(_LETTER.findall(word)) for word in words)
    is_other_script = high >= _MIN_DENSITY * letters
    return _recognize_script(words) if is_other_script else _recognize_latin(words)


def _collect_words(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The different words that are not ASCII, as many as are needed."""
    seen: set[bytes] = set()
    n_bytes = 0
    for lines in _split_at_lines(chunks):
        for word in _WORD.findall(lines):
            if word in seen:
                continue
            yield word
            seen.add(word)
            n_bytes += len(word)
            if n_bytes >= _MAX_WORD_BYTES:
                return


def _split_at_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, divided where lines end, so that no sign is cut."""
    rest = b""
    for chunk in chunks:
        lines, end, rest = (rest + chunk).rpartition(b"\n")
        yield lines + end
    yield rest


def _recognize_script(words: list[bytes]) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(b" ".join(words), cp_isolation=[*_OTHER_SCRIPTS, "cp1252"]).best()
    if best is None or best.encoding not in _OTHER_SCRIPTS:
        return None
    # The two Greek code pages differ in one letter, where the other one has a paragraph sign.
    has_other_alpha = best.encoding == "cp1253" and any(b"\xb6" in word for word in words)
    return "iso8859_7" if has_other_alpha else best.encoding


def _recognize_latin(words: list[bytes]) -> str | None:
    """The code page with an alphabet that has all letters, if no Western one is as good."""
    text = b" ".join(words)
    western = _measure_coverage(text, "cp1252", _WESTERN_ALPHABETS)
    coverages = {codec: _measure_coverage(text, codec, _ALPHABETS[codec]) for codec in _LATIN}
    best = max(coverages, key=lambda codec: coverages[codec])
    is_clear = coverages[best] >= max(_MIN_COVERAGE, western + _MIN_LEAD)
    return best if is_clear else None


def _measure_coverage(text: bytes, codec: str, alphabets: Iterable[str]) -> float:
    """The largest share of the signs beyond ASCII that are letters of one language."""
    signs = text.translate(None, _PUNCTUATION).decode(codec, "replace").lower()
    # In Portuguese this letter stands before an e alone; what else looks like it is Hungarian.
    signs = signs.replace("õe", "e")
    counts = Counter(sign for sign in signs if not sign.isascii())
    total = max(1, sum(counts.values()))
    return max(
        sum(count for sign, count in counts.items() if sign in alphabet) / total
        for alphabet in alphabets
    )
