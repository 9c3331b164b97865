"""Sealed files: AES-256-GCM in chunks of 64 kB, so that a large file is written, read and entered at any byte in constant memory.

A file has a key of its own, derived (HKDF) from the data key it names and from random salt in its header. Each chunk's nonce is
its number and whether it is the last; the header is authenticated with every chunk. So a flipped bit, chunks in another order,
of another file, cut off or added are noticed before a byte is given out, and nothing but `Damaged` comes of them.

    header   8  magic "CCSEAL01"   16  name of the data key   16  salt
    chunks   65,536 bytes of text + 16 of tag each; the last one is shorter and may be empty

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance, 2015) with keys by RFC 5869.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callcart.core.errors import AppError

MAGIC = b"CCSEAL01"
CHUNK = 64 * 1024
KEY_BYTES = 32
NAME_BYTES = 16
_TAG = 16
_SALT = 16
HEADER = len(MAGIC) + NAME_BYTES + _SALT
_INFO = b"callcart sealed file 1"

KeyOf = Callable[[bytes], bytes]


class Source(Protocol):
    """What is sealed: anything that is read from; it may give less at a time than it is asked for."""

    def read(self, size: int, /) -> bytes: ...


class Damaged(AppError):
    """This file was changed or cut off after it was written, so it is not opened. Restore it from a backup."""

    code = "files.damaged"
    status = 500


def is_sealed(path: Path) -> bool:
    """Whether a file begins as a sealed one."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def key_name_of(path: Path) -> bytes:
    """The name of the data key that a sealed file was sealed with. Raises Damaged."""
    with path.open("rb") as file:
        return _parts(file.read(HEADER))[0]


def seal(source: Source, out: BinaryIO, *, key_name: bytes, key: bytes) -> None:
    """Write all that `source` gives from where it stands as a sealed file."""
    if len(key_name) != NAME_BYTES or len(key) != KEY_BYTES:
        raise ValueError("not a data key")
    salt = os.urandom(_SALT)
    header = MAGIC + key_name + salt
    cipher = _cipher(key, salt)
    out.write(header)
    number, chunk = 0, _full(source)
    while True:
        following = _full(source) if len(chunk) == CHUNK else b""
        last = len(chunk) < CHUNK
        out.write(cipher.encrypt(_nonce(number, last=last), chunk, header))
        if last:
            return
        number, chunk = number + 1, following


class SealedFile:
    """A sealed file opened for reading: `size` bytes of text, any piece of it. `close()` it, or use it in a `with`."""

    def __init__(self, path: Path, key_of: KeyOf) -> None:
        """`key_of` gives a data key by its name, and its errors are passed on. Raises Damaged, also where the end was cut off."""
        self._file = path.open("rb")
        try:
            self._header = self._file.read(HEADER)
            name, salt = _parts(self._header)
            self._cipher = _cipher(key_of(name), salt)
            body = os.fstat(self._file.fileno()).st_size - HEADER
            self._last, rest = divmod(body, CHUNK + _TAG)
            if rest < _TAG:  # also without a last chunk at all
                raise Damaged
            self.size = self._last * CHUNK + rest - _TAG
            self._chunk(self._last)  # whoever cuts at a chunk's end leaves no last one
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> SealedFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The text from byte `start` up to byte `end`, a chunk at a time. Raises Damaged."""
        end = self.size if end is None else min(end, self.size)
        while start < end:
            number, within = divmod(start, CHUNK)
            piece = self._chunk(number)[within : within + end - start]
            yield piece
            start += len(piece)

    def read_all(self, start: int, end: int) -> bytes:
        """The text from byte `start` up to byte `end` at once. Raises Damaged."""
        return b"".join(self.pieces(start, end))

    def check(self) -> None:
        """Hold every chunk against its tag. Raises Damaged."""
        for _piece in self.pieces():
            pass

    def _chunk(self, number: int) -> bytes:
        self._file.seek(HEADER + number * (CHUNK + _TAG))
        sealed = self._file.read(CHUNK + _TAG)
        try:
            return self._cipher.decrypt(_nonce(number, last=number == self._last), sealed, self._header)
        except InvalidTag:
            raise Damaged from None


def wrap(key: bytes, *, with_key: bytes) -> bytes:
    """A data key as it may lie in a database: sealed with the installation's key."""
    nonce = os.urandom(12)
    return nonce + AESGCM(with_key).encrypt(nonce, key, b"callcart data key 1")


def unwrap(wrapped: bytes, *, with_key: bytes) -> bytes:
    """The data key again. Raises Damaged."""
    try:
        return AESGCM(with_key).decrypt(wrapped[:12], wrapped[12:], b"callcart data key 1")
    except (InvalidTag, ValueError):
        raise Damaged from None


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=_INFO).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _parts(header: bytes) -> tuple[bytes, bytes]:
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise Damaged
    return header[len(MAGIC) : len(MAGIC) + NAME_BYTES], header[-_SALT:]


def _full(source: Source) -> bytes:
    """A whole chunk, or what is left."""
    parts, wanted = [], CHUNK
    while wanted and (part := source.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
