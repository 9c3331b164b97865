"""The sound behind a recording: sealed with the tenant's key, opened again at any byte. Files kept before there was sealing are
read as they are until a job has sealed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from callcart.contact.recordings import keys
from callcart.core import files
from callcart.core.sealing import CHUNK, SealedFile, is_sealed, seal

KIND = "recording"
SUFFIX = ".sealed"


@dataclass(frozen=True, slots=True)
class Put:
    """Sound that was kept. `size`: bytes as it is heard."""

    file_key: str
    sealed_with: str
    size: int


def put(pieces: Iterable[bytes], *, key: tuple[str, bytes]) -> Put:
    """Keep the sound that comes in pieces, sealed with a data key (`keys.in_use`). None of it touches the disk in the clear.
    Raises OSError; then nothing stays behind."""
    name, value = key
    source = _Source(iter(pieces))

    def sealed(out: BinaryIO) -> None:
        seal(source, out, key_name=bytes.fromhex(name), key=value)

    return Put(files.put_written(sealed, kind=KIND, suffix=SUFFIX), name, source.given)


def reseal(file_key: str, *, key: tuple[str, bytes]) -> Put:
    """Keep a file again, sealed with another data key. Raises OSError, NotFound, Damaged, KeyUnknown, KeyMissing."""
    with open_sound(file_key) as sound:
        return put(sound.pieces(), key=key)


class PlainFile:
    """A file from before sealing, read the same way."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = path.stat().st_size

    def __enter__(self) -> PlainFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        end = self.size if end is None else min(end, self.size)
        self._file.seek(start)
        while start < end and (piece := self._file.read(min(CHUNK, end - start))):
            yield piece
            start += len(piece)

    def read_all(self, start: int, end: int) -> bytes:
        return b"".join(self.pieces(start, end))

    def check(self) -> None:
        """Nothing tells whether it was changed."""


SoundFile = SealedFile | PlainFile


def open_sound(file_key: str) -> SoundFile:
    """The sound kept under a key. Raises NotFound, Damaged, KeyUnknown, KeyMissing."""
    path = files.path(file_key)
    return SealedFile(path, keys.by_name) if is_sealed(path) else PlainFile(path)


class _Source:
    """Pieces as something that is read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""
        self.given = 0

    def read(self, size: int) -> bytes:
        while not self._rest:
            if (piece := next(self._pieces, None)) is None:
                return b""
            self._rest = piece
        given, self._rest = self._rest[:size], self._rest[size:]
        self.given += len(given)
        return given
