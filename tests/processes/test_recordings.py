"""`callcart recordings`: keys are shown, turned and followed, over all shops."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from callcart.config import config
from callcart.contact.recordings.models import DataKey, Sound
from callcart.core import keyring
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from callcart.processes.recordings import recordings
from tests.contact.recordings.conftest import keep_sound
from tests.processes.test_backup import heard_in


@pytest.fixture
def kept(fresh_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    """A shop with a recording, on a key ring of its own."""
    home = config().model_copy(update={"home": tmp_path})
    monkeypatch.setattr(keyring, "config", lambda: home)
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        keep_sound(tenant.id, b"RIFF of a talk")
    yield tenant
    shutil.rmtree(config().home / "files", ignore_errors=True)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(recordings, list(arguments))
    return done.exit_code, done.output


def test_a_turn_of_the_key(kept: Tenant) -> None:
    before = keyring.current().fingerprint
    assert run("keys") == (0, f"{before}  in use, for 1 data keys\n")
    code, said = run("turn-key")
    now = keyring.current().fingerprint
    assert code == 0 and now != before and f"{now} is in use; 1 data keys were wrapped" in said
    assert run("keys")[1].splitlines() == [
        f"{now}  in use, for 1 data keys",
        f"{before}  kept, for 0 data keys",
    ]
    assert heard_in(kept.id) == b"RIFF of a talk"


def test_a_turn_broken_off_goes_on(kept: Tenant) -> None:
    _before, now = keyring.turn()  # killed before anything was wrapped
    assert heard_in(kept.id) == b"RIFF of a talk"
    assert "1 data keys were wrapped" in run("turn-key", "--again")[1]
    assert keyring.current().fingerprint == now.fingerprint


def test_a_missing_key_is_named(kept: Tenant) -> None:
    with tenant_transaction(kept.id):
        DataKey.objects.update(wrapped_by="0123456789abcdef")
    code, said = run("keys")
    assert code == 1 and "0123456789abcdef  MISSING, needed for 1 data keys" in said
    assert run("turn-key")[0] == 1


def test_sealing_again_is_left_to_the_worker(kept: Tenant) -> None:
    from callcart.contact.recordings.jobs import seal_rest

    assert run("reseal", "harbor")[0] == 0
    assert run("reseal", "nobody")[0] == 1
    with tenant_transaction(kept.id):
        seal_rest()
        name = DataKey.objects.get(retired_at=None).name
        assert Sound.objects.get().sealed_with == name
    assert heard_in(kept.id) == b"RIFF of a talk"
