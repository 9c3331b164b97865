from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from callcart.contact.messaging.transport import Incoming, LineFacts, Receipt
from callcart.core.clock import now
from callcart.integrations.sms.http import HttpSmsChannel
from callcart.integrations.sms.webhook import Forged, parse_webhook
from tests.integrations.sms.lines import LINE, SHOP

SECRET = "hook-secret"
MESSAGE = {"id": "in-1", "from": "+1 202-555-0100", "to": SHOP, "text": "退订"}


def line(**values: str) -> LineFacts:
    known = {"url": "https://sms.example/", "secret": "s", "proof_secret": SECRET}
    return LineFacts(LINE, 1, SHOP, "SMS", known | values)


def stamped(body: bytes, *, age: int = 0, secret: str = SECRET) -> dict[str, str]:
    at = int(now().timestamp()) - age
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return {"Content-Type": "application/json", "demo-signature": f"t={at},v1={mac.hexdigest()}"}


def told(values: Any, **settings: str) -> list[Incoming | Receipt]:
    body = json.dumps(values).encode()
    return parse_webhook(line(**settings), stamped(body), body)


def test_a_message() -> None:
    (found,) = told(MESSAGE)
    assert found == Incoming("in-1", "+12025550100", "退订", language="zh-hans")


def test_receipts_and_what_decides_nothing() -> None:
    found = told(
        [
            {"message": "M-7", "state": "Delivered"},
            {"message": "M-8", "state": "FAILED", "reason": "absent"},
            {"message": "M-9", "state": "queued"},
        ]
    )
    assert found == [Receipt("m-7", True, words="delivered"), Receipt("m-8", False, words="absent")]


def test_as_another_provider_writes_them() -> None:
    settings = {
        "items_at": "data.events", "in_id": "sms.sid", "in_from": "sms.sender", "in_text": "sms.body",
        "receipt_id": "ref", "receipt_at": "code", "delivered": "000", "failed": "5, 6",
    }  # fmt: skip
    events = [
        {"sms": {"sid": 7, "sender": "2025550100", "body": "hi"}},
        {"ref": 9, "code": "000"},
        {"ref": 8, "code": 6},
    ]
    assert told({"data": {"events": events}}, **settings) == [
        Incoming("7", "+12025550100", "hi"),
        Receipt("9", True, words="000"),
        Receipt("8", False, words="6"),
    ]


def test_a_form() -> None:
    body = b"from=%2B12025550100&text=Hi+there&id=5"
    found = parse_webhook(
        line(proof="secret", proof_header="X-Key"),
        {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "x-key": SECRET},
        body,
    )
    assert found == [Incoming("5", "+12025550100", "Hi there")]


def test_without_an_id_the_same_thing_is_the_same() -> None:
    plain = {key: value for key, value in MESSAGE.items() if key != "id"}
    (first,), (again,), (other,) = told(plain), told(plain), told(plain | {"text": "no"})
    assert isinstance(first, Incoming) and isinstance(again, Incoming) and isinstance(other, Incoming)
    assert first.external_id == again.external_id != other.external_id


def test_a_service_is_not_answered() -> None:
    (found,) = told(MESSAGE | {"from": "Meadow Post"})
    assert isinstance(found, Incoming) and found.automatic and found.peer == "Meadow Post"


class TestProof:
    body = json.dumps(MESSAGE).encode()

    @pytest.mark.parametrize("kind", ["hmac-hex", "hmac-base64"])
    def test_a_signature_of_the_body(self, kind: str) -> None:
        mac = hmac.new(SECRET.encode(), self.body, hashlib.sha256)
        given = mac.hexdigest() if kind == "hmac-hex" else base64.b64encode(mac.digest()).decode()
        one = line(proof=kind, proof_header="X-Signature")
        assert len(parse_webhook(one, {"X-SIGNATURE": given}, self.body)) == 1
        if kind == "hmac-hex":
            for written in (given.upper(), "sha256=" + given):
                assert len(parse_webhook(one, {"X-Signature": written}, self.body)) == 1
        for wrong in ("", "x", given[:-1], given + "0", "é"):
            with pytest.raises(Forged):
                parse_webhook(one, {"X-Signature": wrong}, self.body)
        with pytest.raises(Forged):
            parse_webhook(one, {"X-Signature": given}, self.body + b" ")

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"demo-signature": ""},
            {"demo-signature": "t=,v1="},
            {"demo-signature": "t=²,v1=0"},
            {"demo-signature": "t=99999999999999,v1=0"},
            stamped(body, secret="other"),
            stamped(body, age=4000),
            stamped(body, age=-40_000),
            stamped(body + b" "),
        ],
    )
    def test_forged(self, headers: dict[str, str]) -> None:
        with pytest.raises(Forged):
            parse_webhook(line(), headers, self.body)

    def test_without_a_secret_nothing_is_believed(self) -> None:
        with pytest.raises(PermissionError):
            HttpSmsChannel().hear(line(proof_secret=""), stamped(self.body, secret=""), self.body)

    def test_a_secret_that_is_said(self) -> None:
        one = line(proof="secret", proof_header="X-Key")
        assert len(parse_webhook(one, {"X-Key": SECRET}, self.body)) == 1
        with pytest.raises(Forged):
            parse_webhook(one, {"X-Key": SECRET.upper()}, self.body)


@pytest.mark.parametrize(
    "body", [b"", b"x", b"\xff", b"[" * 100_000, b"7", b"null", b'{"hello": 1}', b'[["a"]]', b'{"from": {"a": 1}}']
)  # fmt: skip
def test_what_is_not_as_the_settings_say_is_refused_and_comes_again(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse_webhook(line(), stamped(body), body)


def test_nothing_is_nothing() -> None:
    assert told([]) == []
