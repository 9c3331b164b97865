from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing.models import Queue
from callcart.contact.routing.public import add_queue
from callcart.contact.voice.models import Call
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.people.tenants.models import Tenant


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: Any) -> Path:
    """Where the telephone engine writes."""
    from django.conf import settings

    monkeypatch.setattr(settings, "CALLCART_RECORDINGS", tmp_path)
    return tmp_path


@pytest.fixture
def queue(tenant: Tenant) -> Queue:
    return add_queue(Actor.system(tenant.id), "letters", name="Letters", priority=900)


def write(
    path: Path, seconds: float, *, loudness: float = 0.3, from_s: float = 0, until_s: float = 999
) -> None:
    """A tone between two moments of a file that is silent else."""
    samples = array(
        "h",
        (
            int(32767 * loudness * math.sin(at * 0.35)) if from_s * 8000 <= at < until_s * 8000 else 0
            for at in range(int(8000 * seconds))
        ),
    )
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(samples.tobytes())


def call_in(**more: Any) -> UUID:
    """A call that has just been answered by the menu: the id of its conversation."""
    tenant = Tenant.objects.get(id=more.pop("tenant_id"))
    talk = open_conversation(Actor.system(tenant.id), **more)
    Call.objects.create(conversation_id=talk.id, state="menu", customer_channel=f"leg-{talk.id}")
    return talk.id


def hang_up(call_id: UUID, *, ago: float = 1) -> None:
    ended = clock.now() - timedelta(seconds=ago)
    Call.objects.filter(conversation_id=call_id).update(state="ended", ended_at=ended)


Place = Callable[[Any], Path]
