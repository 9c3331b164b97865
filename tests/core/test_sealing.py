"""Sealed files: any piece of them, and nothing of one that was touched."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.core.sealing import CHUNK, HEADER, KEY_BYTES, Damaged, SealedFile, is_sealed, key_name_of, seal

NAME, KEY = b"n" * 16, b"k" * KEY_BYTES
SEALED_CHUNK = CHUNK + 16


def key_of(name: bytes) -> bytes:
    assert name == NAME
    return KEY


def sealed(text: bytes, path: Path) -> Path:
    out = io.BytesIO()
    seal(io.BytesIO(text), out, key_name=NAME, key=KEY)
    path.write_bytes(out.getvalue())
    return path


def everything(path: Path) -> bytes:
    with SealedFile(path, key_of) as file:
        return b"".join(file.pieces())


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17])
def test_what_was_sealed_comes_back_and_the_file_opens_as_nothing(tmp_path: Path, size: int) -> None:
    text = b"RIFF" + os.urandom(size) if size else b""
    path = sealed(text, tmp_path / "x")
    assert everything(path) == text
    assert is_sealed(path) and key_name_of(path) == NAME
    assert b"RIFF" not in path.read_bytes()


@settings(max_examples=40)
@given(st.integers(0, 3 * CHUNK), st.integers(0, 3 * CHUNK))
def test_any_piece_is_that_piece(start: int, end: int) -> None:
    with SealedFile(_three_chunks(), key_of) as file:
        assert file.read_all(start, end) == TEXT[start:end]


TEXT = bytes(range(256)) * (2 * CHUNK // 256) + b"the rest"
_made: list[Path] = []


def _three_chunks() -> Path:
    if not _made:
        import tempfile

        _made.append(sealed(TEXT, Path(tempfile.mkdtemp()) / "x"))
    return _made[0]


def test_two_files_of_the_same_sound_have_nothing_in_common(tmp_path: Path) -> None:
    one, two = sealed(TEXT, tmp_path / "1").read_bytes(), sealed(TEXT, tmp_path / "2").read_bytes()
    assert one[HEADER : HEADER + CHUNK] != two[HEADER : HEADER + CHUNK]


@pytest.mark.parametrize(
    "at", [0, 9, HEADER - 1, HEADER, HEADER + CHUNK + 3, HEADER + 2 * SEALED_CHUNK + 1, -1]
)
def test_a_flipped_bit_is_noticed(tmp_path: Path, at: int) -> None:
    data = bytearray(_three_chunks().read_bytes())
    data[at] ^= 1
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(Damaged), SealedFile(path, lambda name: KEY) as file:
        file.check()


def _cut(data: bytes, what: str) -> bytes:
    head, body = data[:HEADER], data[HEADER:]
    one, two, three = body[:SEALED_CHUNK], body[SEALED_CHUNK : 2 * SEALED_CHUNK], body[2 * SEALED_CHUNK :]
    return {
        "last chunk gone": head + one + two,
        "end of the last chunk gone": data[:-1],
        "inside a chunk": head + one + two[:100],
        "only the header": head,
        "half a header": head[:20],
        "nothing": b"",
        "swapped": head + two + one + three,
        "doubled": head + one + one + two + three,
        "left out": head + two + three,
        "added": data + b"\x00" * 40,
        "added a chunk": data + one,
    }[what]


@pytest.mark.parametrize(
    "what",
    [
        *(
            "last chunk gone",
            "end of the last chunk gone",
            "inside a chunk",
            "only the header",
            "half a header",
        ),
        *("nothing", "swapped", "doubled", "left out", "added", "added a chunk"),
    ],
)
def test_what_was_cut_moved_or_added_is_noticed(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(_cut(_three_chunks().read_bytes(), what))
    with pytest.raises(Damaged), SealedFile(path, key_of) as file:
        file.check()


def test_a_cut_end_is_noticed_before_a_byte_is_given(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(_cut(_three_chunks().read_bytes(), "last chunk gone"))
    with pytest.raises(Damaged):
        SealedFile(path, key_of)


def test_a_chunk_of_another_file_of_the_same_key_does_not_fit(tmp_path: Path) -> None:
    one = _three_chunks().read_bytes()
    two = sealed(TEXT, tmp_path / "2").read_bytes()
    path = tmp_path / "x"
    path.write_bytes(one[: HEADER + SEALED_CHUNK] + two[HEADER + SEALED_CHUNK :])
    with pytest.raises(Damaged), SealedFile(path, key_of) as file:
        file.check()


def test_the_wrong_key_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        SealedFile(_three_chunks(), lambda name: b"x" * KEY_BYTES)


def test_what_gives_little_at_a_time_is_sealed_whole(tmp_path: Path) -> None:
    class Slow:
        def __init__(self) -> None:
            self.text = io.BytesIO(TEXT)

        def read(self, size: int, /) -> bytes:
            return self.text.read(min(size, 1000))

    out = io.BytesIO()
    seal(Slow(), out, key_name=NAME, key=KEY)
    path = tmp_path / "x"
    path.write_bytes(out.getvalue())
    assert everything(path) == TEXT
