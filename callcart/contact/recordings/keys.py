"""Data keys: one in use per tenant, those before it for what was sealed with them. What is wrapped lies in the database, what
unwraps it in a file beside it (`core.keyring`): neither opens anything alone.
"""

from __future__ import annotations

import os

import structlog
from django.utils import timezone

from callcart.contact.recordings.models import DataKey
from callcart.core import keyring, sealing
from callcart.core.errors import AppError

log = structlog.get_logger(__name__)


class KeyUnknown(AppError):
    """The key of this recording is not in the database: the file is another shop's, or of another installation."""

    code = "recordings.key_unknown"
    status = 500


def in_use() -> tuple[str, bytes]:
    """Name and value of the key that new sound is sealed with. Where the installation's key of the last one is not here any
    more, a new one is made: what comes now is kept, what was sealed before waits for its key."""
    for row in DataKey.objects.filter(retired_at=None).order_by("-made_at", "-id"):
        try:
            return row.name, _value(row)
        except (keyring.KeyMissing, sealing.Damaged):
            log.warning("recordings.key_missing", fingerprint=row.wrapped_by)
    return make()


def name_in_use() -> str:
    """The name of the key in use; empty before the first sound."""
    rows = DataKey.objects.filter(retired_at=None).order_by("-made_at", "-id")
    return rows.values_list("name", flat=True).first() or ""


def make() -> tuple[str, bytes]:
    """A new data key, in use from now on beside those before it."""
    name, value, ring_key = (
        os.urandom(sealing.NAME_BYTES).hex(),
        os.urandom(sealing.KEY_BYTES),
        keyring.current(),
    )
    DataKey.objects.create(
        name=name, wrapped=sealing.wrap(value, with_key=ring_key.value), wrapped_by=ring_key.fingerprint
    )
    return name, value


def by_name(name: bytes) -> bytes:
    """The value of a data key named in a file. Raises KeyUnknown, KeyMissing, Damaged."""
    row = DataKey.objects.filter(name=name.hex()).first()
    if row is None:
        raise KeyUnknown
    return _value(row)


def replace() -> str:
    """Seal new sound with a new data key from now on; what was sealed before is sealed again by a job. The new one's name."""
    name, _value = make()
    DataKey.objects.filter(retired_at=None).exclude(name=name).update(retired_at=timezone.now())
    return name


def wrap_again() -> int:
    """Wrap what is wrapped by other keys of the installation with the one in use. How many were; those whose key is not here
    stay as they are."""
    ring_key, count = keyring.current(), 0
    for row in DataKey.objects.select_for_update().exclude(wrapped_by=ring_key.fingerprint).order_by("id"):
        try:
            value = _value(row)
        except keyring.KeyMissing:
            continue
        row.wrapped, row.wrapped_by = sealing.wrap(value, with_key=ring_key.value), ring_key.fingerprint
        row.save(update_fields=["wrapped", "wrapped_by"])
        count += 1
    return count


def _value(row: DataKey) -> bytes:
    return sealing.unwrap(bytes(row.wrapped), with_key=keyring.by_fingerprint(row.wrapped_by))
