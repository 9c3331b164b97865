"""Files: kept by content, whole or not at all; a full disk is told in words and leaves nothing behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from callcart.config import config
from callcart.core import files
from callcart.core.errors import Unavailable
from callcart.people.tenants.models import Tenant


def lying(tenant: Tenant, kind: str) -> list[Path]:
    return [path for path in (config().home / "files" / str(tenant.id) / kind).rglob("*") if path.is_file()]


def full(number: int) -> object:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, "no")

    return refuse


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_said_in_words_and_keeps_no_half_file(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before, real = lying(tenant, "fulldisk"), os.fsync
    monkeypatch.setattr(os, "fsync", full(number))
    with pytest.raises(files.NoRoom) as refused:
        files.put(b"an attachment" + bytes([number]), kind="fulldisk")
    assert isinstance(refused.value, Unavailable) and isinstance(refused.value, OSError)
    assert (refused.value.status, refused.value.retryable, refused.value.errno) == (503, True, number)
    assert "takes nothing just now" in refused.value.message and str(config().home) not in str(refused.value)
    assert lying(tenant, "fulldisk") == before
    monkeypatch.setattr(os, "fsync", real)
    key = files.put(b"an attachment" + bytes([number]), kind="fulldisk")
    assert files.path(key).read_bytes().startswith(b"an attachment")


def test_what_breaks_while_it_is_copied_leaves_nothing(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_source: object, _out: object, _length: int) -> None:
        raise ValueError("the source ended")

    monkeypatch.setattr("shutil.copyfileobj", broken)
    with pytest.raises(ValueError, match="ended"):
        files.put(b"half", kind="halfway")
    assert lying(tenant, "halfway") == []


def test_a_full_disk_while_something_is_written_out_is_the_writers_to_handle(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recordings count and retry by the bare error."""

    def write(out: BinaryIO) -> None:
        out.write(b"x")

    monkeypatch.setattr(os, "fsync", full(errno.ENOSPC))
    with pytest.raises(OSError) as refused:
        files.put_written(write, kind="written")
    assert not isinstance(refused.value, files.NoRoom)
    assert lying(tenant, "written") == []
