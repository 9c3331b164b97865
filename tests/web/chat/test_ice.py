"""A visitor's page is told of STUN servers, and of TURN servers only with a password of its own; the staff's is told to nobody outside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from callcart.config import config
from callcart.core.clock import frozen
from callcart.web import ice

SERVERS = {
    "ice_servers": ("stun:stun.example:3478", "turn:turn.example"),
    "turn_user": "callcart",
    "turn_credential": SecretStr("the staff's"),
}


def told(monkeypatch: pytest.MonkeyPatch, **more: object) -> list[dict[str, str | list[str]]]:
    made = config().model_copy(update={**SERVERS, **more})
    monkeypatch.setattr(ice, "config", lambda: made)
    with frozen(datetime(2026, 11, 30, 12, 0, tzinfo=UTC)):
        return ice.for_visitors("guest-1")


def test_the_staffs_password_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch) == [{"urls": ["stun:stun.example:3478"]}]


def test_a_password_of_the_visitors_own_holds_some_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, turn_secret=SecretStr("north")) == [
        {"urls": ["stun:stun.example:3478"]},
        {
            "urls": ["turn:turn.example"],
            "username": "1796050800:guest-1",
            "credential": "sv2lh8pKRw//qgr/Yi1mZO2Nh9Y=",
        },
    ]
