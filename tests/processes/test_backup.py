"""A shop in one file and back: every row and file, ids kept or renewed, damage and other schemas refused, all or nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from callcart.commerce.orders.models import Order
from callcart.config import config
from callcart.core import files, integrity
from callcart.core.database import parameters
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.staff.models import Staff
from callcart.people.tenants.models import Tenant
from callcart.processes.backup.cli import backup, restore
from callcart.processes.backup.read import CannotRestore, read_manifest, restore_backup
from callcart.processes.backup.tables import DIRECTORY, tables
from tests.commerce.shop import open_shop

SOUND = b"RIFF sound"


def counts(tenant_id: int) -> dict[str, int]:
    """Rows by table of one shop, empty tables left out."""
    with psycopg.connect(**parameters("system")) as connection:
        found = {
            table.name: connection.execute(
                f"SELECT count(*) FROM {table.name} WHERE {table.owner} = %s", [tenant_id]
            ).fetchone()[0]  # type: ignore[index]
            for table in tables(connection)
        }
    return {name: count for name, count in found.items() if count}


@pytest.fixture
def trade(fresh_db: str) -> Iterator[Tenant]:
    """The shop harbor with goods, an order, staff and a file."""
    from callcart.core.actor import Actor
    from callcart.people.customers.public import create_customer
    from callcart.people.staff.public import create_staff, ensure_default_roles

    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        shop = open_shop(tenant)
        shop.goods("TEA", west=9)
        customer = create_customer(shop.boss, name="王小明", phone="(212) 555-0142")
        shop.place(("TEA", 2), customer_id=customer.id, payment_method="prepaid")
        role = ensure_default_roles()["owner"]
        create_staff(
            Actor.system(tenant.id), email="o@harbor.example", name="Olga", password="seven green lamps", role_ids=[role.id]
        )  # fmt: skip
        files.put(SOUND, kind="recording", suffix=".wav")
    yield tenant
    shutil.rmtree(config().home / "files", ignore_errors=True)


@pytest.fixture
def archive(trade: Tenant, tmp_path: Path) -> Path:
    target = tmp_path / "harbor.backup"
    done = CliRunner().invoke(backup, ["harbor", str(target), "--quiet"])
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.iterdir()] == ["harbor.backup"]
    return target


def silent(text: str) -> None:
    """Nobody listens."""


def wait_jobs(tenant_id: int) -> list[tuple[str, Any]]:
    with psycopg.connect(**parameters("system")) as connection:
        rows = connection.execute(
            "SELECT task_name, args FROM procrastinate_jobs WHERE (args->>'tenant_id')::int = %s ORDER BY id",
            [tenant_id],
        )
        return [(str(row[0]), row[1]) for row in rows]


def test_a_copy_beside_the_original_has_everything_under_ids_of_its_own(trade: Tenant, archive: Path) -> None:
    before = counts(trade.id)
    done = CliRunner().invoke(restore, [str(archive), "--as", "copy", "--quiet"])
    assert done.exit_code == 0, done.output
    assert "ids of its own" in done.output
    copy = Tenant.objects.get(slug="copy")
    assert counts(copy.id) | {"tenants_host": before.get("tenants_host", 0)} == before
    assert counts(trade.id) == before
    with tenant_transaction(copy.id):
        order, customer = Order.objects.get(), Customer.objects.get()
        assert (order.customer_id, order.lines.get().sku, order.state) == (customer.id, "TEA", "placed")
        assert AuditEntry.objects.filter(subject_id=order.id).exists()
        digest = hashlib.sha256(SOUND).hexdigest()
        assert files.path(f"recording/{digest[:2]}/{digest}.wav").read_bytes() == SOUND
    with tenant_transaction(trade.id):
        assert Order.objects.get().id != order.id
    assert [name for name, _args in wait_jobs(copy.id)] == [name for name, _args in wait_jobs(trade.id)]
    assert {args.get("order_id") for _name, args in wait_jobs(copy.id) if "order_id" in args} == {
        str(order.id)
    }
    assert list(integrity.find_all()) == []


def test_into_a_database_without_it_ids_stay_as_they_were(trade: Tenant, archive: Path) -> None:
    with tenant_transaction(trade.id):
        order, staff = Order.objects.get(), Staff.objects.get()
    _remove(trade.id)
    done = restore_backup(archive, parameters("owner"), say=silent)
    assert (done.slug, done.tenant_id, done.renewed) == ("harbor", trade.id, False)
    with tenant_transaction(trade.id):
        assert (Order.objects.get().id, Order.objects.get().number) == (order.id, order.number)
        assert Staff.objects.get().password == staff.password
    assert list(integrity.find_all()) == []


def _remove(tenant_id: int) -> None:
    with psycopg.connect(**parameters("owner")) as connection:
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in sorted(tables(connection), key=lambda each: each.name == DIRECTORY):
            connection.execute(f"DELETE FROM {table.name} WHERE {table.owner} = %s", [tenant_id])
    shutil.rmtree(config().home / "files" / str(tenant_id), ignore_errors=True)


def test_what_is_damaged_or_no_backup_is_refused_before_anything_is_touched(
    trade: Tenant, archive: Path, tmp_path: Path
) -> None:
    before, whole = counts(trade.id), archive.read_bytes()
    done = CliRunner().invoke(restore, [str(archive)])
    assert (done.exit_code, "there is a shop harbor already" in done.output) == (1, True)
    for at in _contents(archive):
        archive.write_bytes(_damaged(whole, at))
        with pytest.raises(CannotRestore):
            restore_backup(archive, parameters("owner"), slug="copy", say=silent)
    archive.write_bytes(whole[: len(whole) // 2])
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("a.txt", "hello")
    for path in (archive, other):
        with pytest.raises(CannotRestore, match="damaged or no backup"):
            read_manifest(path)
    assert not Tenant.objects.filter(slug="copy").exists()
    assert counts(trade.id) == before


def test_damage_anywhere_is_refused_or_has_spared_every_part(archive: Path) -> None:
    """The container repeats some facts, a size or a date: where only such a copy is hit, what is read is what was written."""
    whole, manifest = archive.read_bytes(), read_manifest(archive)
    refused = 0
    for at in range(0, len(whole) - 8, len(whole) // 200):
        archive.write_bytes(_damaged(whole, at))
        try:
            assert read_manifest(archive) == manifest
        except CannotRestore:
            refused += 1
    assert refused > 100


def _contents(archive: Path) -> list[int]:
    """Where the middle of a part's bytes lies, for every tenth part that is more than a line."""
    with zipfile.ZipFile(archive) as parts:
        large = [part for part in parts.infolist() if part.compress_size > 60]
    assert len(large) > 20
    return [
        part.header_offset + 30 + len(part.filename) + 20 + part.compress_size // 2 for part in large[::10]
    ]


def _damaged(data: bytes, at: int) -> bytes:
    """Every bit of eight bytes turned over."""
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 8]) + data[at + 8 :]


def rewritten(archive: Path, **changes: Any) -> Path:
    """The same backup with another manifest."""
    target = archive.with_suffix(".changed")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "manifest.json":
                data = json.dumps(json.loads(data) | changes).encode()
            new.writestr(name, data)
    return target


def test_another_schema_is_refused_and_a_restore_that_is_ended_leaves_nothing(
    trade: Tenant, archive: Path
) -> None:
    schema = read_manifest(archive)["schema"]
    for changed, said in (
        ([*schema, "orders.9999_future"], "upgrade this installation"),
        (schema[1:], "older version"),
    ):
        with pytest.raises(CannotRestore, match=said):
            restore_backup(rewritten(archive, schema=changed), parameters("owner"), slug="copy", say=silent)
    with pytest.raises(CannotRestore, match="format"):
        read_manifest(rewritten(archive, format=99))

    def end(text: str) -> None:
        if text.startswith("orders_order:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_backup(archive, parameters("owner"), slug="copy", say=end)
    assert not Tenant.objects.filter(slug="copy").exists()
    with psycopg.connect(**parameters("system")) as connection:
        for table in tables(connection):
            rows = connection.execute(f"SELECT DISTINCT {table.owner} FROM {table.name}").fetchall()
            assert {row[0] for row in rows} <= {1, 2}, table.name
    assert [path.name for path in (config().home / "files").iterdir()] == [str(trade.id)]


def test_a_whole_demo_shop_goes_and_comes(demo_db: str, tmp_path: Path) -> None:
    """Nearly every table has rows there."""
    tenant, target = Tenant.objects.get(slug="qinghe"), tmp_path / "qinghe.backup"
    assert CliRunner().invoke(backup, ["qinghe", str(target), "--quiet"]).exit_code == 0
    assert CliRunner().invoke(backup, ["nowhere", str(tmp_path / "x")]).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["qinghe.backup"]
    done = restore_backup(target, parameters("owner"), slug="copy", say=silent)
    addresses = ("tenants_host", "tenants_servicenumber")
    before, after = counts(tenant.id), counts(done.tenant_id)
    assert {name: before[name] for name in before if name not in addresses} == after
    assert len(after) > 40 and len(done.left_out) == sum(before.get(name, 0) for name in addresses)
    assert list(integrity.find_all()) == []


def sealed_sound(tenant: Tenant) -> None:
    """A recording of the shop, kept as calls' are."""
    from tests.contact.recordings.conftest import keep_sound

    shutil.rmtree(config().home / "files", ignore_errors=True)  # of shops in databases of other tests
    with tenant_transaction(tenant.id):
        keep_sound(tenant.id, b"RIFF of a talk")


def heard_in(tenant_id: int) -> bytes:
    from callcart.contact.recordings import public as recordings
    from callcart.contact.recordings.models import Sound
    from callcart.core.actor import Actor

    with tenant_transaction(tenant_id):
        row = Sound.objects.get()
        opened = recordings.listen(Actor.system(tenant_id), row.recording_id, whence="")
        with opened.sound as sound:
            return sound.read_all(0, sound.size)


def test_sealed_recordings_come_along_and_the_key_they_need_is_named(trade: Tenant, tmp_path: Path) -> None:
    from callcart.core import keyring

    sealed_sound(trade)
    target = tmp_path / "harbor.backup"
    written = CliRunner().invoke(backup, ["harbor", str(target), "--quiet"])
    fingerprint = keyring.current().fingerprint
    assert f"takes the key {fingerprint}" in written.output
    with zipfile.ZipFile(target) as file:
        assert all(keyring.current().value.hex().encode() not in file.read(name) for name in file.namelist())
    done = CliRunner().invoke(restore, [str(target), "--as", "copy", "--quiet"])
    assert done.exit_code == 0 and "can be heard once" not in done.output, done.output
    assert heard_in(Tenant.objects.get(slug="copy").id) == b"RIFF of a talk"  # its ids are others


def test_without_their_key_recordings_wait_for_it_and_nothing_else_does(
    trade: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callcart.core import keyring

    sealed_sound(trade)
    target = tmp_path / "harbor.backup"
    CliRunner().invoke(backup, ["harbor", str(target), "--quiet"])
    home = tmp_path / "elsewhere"
    ring = config().model_copy(update={"home": home})
    monkeypatch.setattr(keyring, "config", lambda: ring)
    (home / "secrets").mkdir(parents=True)
    done = CliRunner().invoke(restore, [str(target), "--as", "copy", "--quiet"])
    assert done.exit_code == 0 and "can be heard once the key" in done.output
    copy = Tenant.objects.get(slug="copy")
    with pytest.raises(keyring.KeyMissing):
        heard_in(copy.id)
    shutil.copy(config().home / "secrets" / "files_key", home / "secrets" / "files_key_restored")
    assert heard_in(copy.id) == b"RIFF of a talk"
