"""The installation's keys: one in use, those before it found by fingerprint, none made anew in another's place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callcart.config import config
from callcart.core import keyring


@pytest.fixture(autouse=True)
def own_ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keyring, "config", lambda: config().model_copy(update={"home": tmp_path}))
    return tmp_path / "secrets"


def test_the_key_stays_the_same_and_is_nobody_elses_to_read(own_ring: Path) -> None:
    assert keyring.current().fingerprint == keyring.current().fingerprint
    assert (own_ring / "files_key").stat().st_mode & 0o077 == 0
    assert keyring.current().value.hex() not in repr(keyring.current())


def test_after_a_turn_the_old_one_still_opens(own_ring: Path) -> None:
    before, now = keyring.turn()
    assert keyring.current().fingerprint == now.fingerprint != before.fingerprint
    assert keyring.by_fingerprint(before.fingerprint) == before.value
    assert [key.fingerprint for key in keyring.ring()] == [now.fingerprint, before.fingerprint]
    assert all(path.stat().st_mode & 0o077 == 0 for path in own_ring.iterdir())


def test_a_lost_key_is_said_and_found_when_it_is_back(own_ring: Path) -> None:
    before, _now = keyring.turn()
    kept = own_ring / f"files_key_{before.fingerprint}"
    shutil.move(kept, own_ring.parent / "away")
    with pytest.raises(keyring.KeyMissing) as said:
        keyring.by_fingerprint(before.fingerprint)
    assert before.fingerprint in said.value.message
    shutil.move(own_ring.parent / "away", own_ring / "files_key_from_elsewhere")
    assert keyring.by_fingerprint(before.fingerprint) == before.value


def test_a_note_beside_the_keys_does_no_harm(own_ring: Path) -> None:
    now = keyring.current()
    (own_ring / "files_key_readme").write_text("keep these", encoding="ascii")
    assert [key.fingerprint for key in keyring.ring()] == [now.fingerprint]
