"""Alipay: its page to pay on (computer and telephone), asynchronous notices, trade query, refund and refund query.

Written against the open platform's published formats with RSA2 (SHA256withRSA). A shop keeps its private key and Alipay's
public one; what Alipay answers or tells is believed only under Alipay's signature and for this shop's own app id.
Our key travels as `out_trade_no` (and a refund's as `out_request_no`), which Alipay does once each.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from django.utils.translation import gettext_lazy as _

from callcart.commerce.payments.gateway import (
    ChargeRequest,
    EventKind,
    ForgedWebhook,
    GatewayEvent,
    GatewayRefused,
    GatewayUnreachable,
    KeyField,
    RefundRequest,
    Session,
    SessionRequest,
    Traits,
    key_of,
    read_key,
)
from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.integrations.gateways import wire

LIVE = "https://openapi.alipay.com/gateway.do"
SANDBOX = "https://openapi-sandbox.dl.alipaydev.com/gateway.do"
CURRENCY = "CNY"
PAGE_OPEN_FOR = timedelta(hours=2)
_CLOCK = ZoneInfo("Asia/Shanghai")
_DONE = "10000"
_REFUSED = "40004"
_UNKNOWN = frozenset({"20000", "ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error"})
_STATES = {
    "TRADE_SUCCESS": EventKind.CAPTURED,
    "TRADE_FINISHED": EventKind.CAPTURED,
    "TRADE_CLOSED": EventKind.EXPIRED,
}


def _private_key(text: str) -> RSAPrivateKey:
    """A key as PEM, or as the bare base64 that Alipay's tool writes (PKCS#8 or PKCS#1). Raises ValueError."""
    found: RSAPrivateKey = _key(
        text, load_pem_private_key, load_der_private_key, RSAPrivateKey, password=None
    )
    return found


def _public_key(text: str) -> RSAPublicKey:
    """The same for a public key."""
    found: RSAPublicKey = _key(text, load_pem_public_key, load_der_public_key, RSAPublicKey)
    return found


def _key(text: str, of_pem: Any, of_der: Any, kind: type[Any], **more: Any) -> Any:
    plain = text.strip()
    try:
        if plain.startswith("-----"):
            found = of_pem(plain.encode("ascii"), **more)
        else:
            found = of_der(base64.b64decode("".join(plain.split()), validate=True), **more)
    except (TypeError, UnsupportedAlgorithm, binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not a key") from error
    if not isinstance(found, kind):
        raise ValueError("not an RSA key")
    return found


class AlipayGateway:
    """The provider `alipay`, with the keys of one shop. It takes yuan only, and nothing without the customer."""

    traits = Traits(
        label=_("Alipay"),
        keys=(
            KeyField("app_id", _("App ID"), _("The number of your application on the open platform.")),
            KeyField(
                "private_key", _("Your application's private key"), secret=True, lines=True, read=_private_key
            ),
            KeyField(
                "alipay_public_key",
                _("Alipay's public key"),
                _("Not your own public key."),
                lines=True,
                read=_public_key,
            ),
        ),
        currencies=frozenset({CURRENCY}),
        mandates=False,
        answer="success",
        sandbox=True,
    )

    def __init__(self, values: Mapping[str, str], *, sandbox: bool = False, base_url: str = "") -> None:
        self._app_id = values["app_id"]
        self._private, self._public = (
            _private_key(values["private_key"]),
            _public_key(values["alipay_public_key"]),
        )
        self._base_url = base_url or (SANDBOX if sandbox else LIVE)

    def create_session(self, request: SessionRequest) -> Session:
        """The signed address of Alipay's page; nothing is sent before the customer goes there."""
        if request.amount.currency != CURRENCY:
            raise GatewayRefused
        way, product = ("wap", "QUICK_WAP_WAY") if request.mobile else ("page", "FAST_INSTANT_TRADE_PAY")
        number = _number(request.key)
        content = {
            "out_trade_no": number,
            "total_amount": str(request.amount.decimal),
            "subject": request.description,
            "product_code": product,
            "time_expire": _stamp(now() + PAGE_OPEN_FOR),
        }
        addresses = {"return_url": request.return_url, "notify_url": request.notify_url}
        signed = self._signed(f"alipay.trade.{way}.pay", content, addresses)
        return Session(reference=number, url=f"{self._base_url}?{urlencode(signed)}")

    def charge(self, request: ChargeRequest) -> GatewayEvent | None:
        raise GatewayRefused

    def refund(self, request: RefundRequest) -> str:
        """Taken on with `fund_change` Y; anything else is asked about, as Alipay advises."""
        trade = _trade(request.reference)
        number = _number(request.key)
        content = {**trade, "out_request_no": number, "refund_amount": str(request.amount.decimal)}
        found = self._ask("alipay.trade.refund", content)
        if found["code"] == _DONE and found.get("fund_change") == "Y":
            return number
        if found["code"] != _DONE and not _undecided(found):
            raise GatewayRefused
        asked = self._ask("alipay.trade.fastpay.refund.query", {**trade, "out_request_no": number})
        if asked["code"] == _DONE and asked.get("refund_status") == "REFUND_SUCCESS":
            return number
        raise GatewayUnreachable

    def look_up(self, key: str, reference: str = "") -> GatewayEvent | None:
        found = self._ask("alipay.trade.query", {"out_trade_no": _number(key)})
        if _undecided(found):
            raise GatewayUnreachable
        if found["code"] != _DONE:
            if found.get("sub_code") == "ACQ.TRADE_NOT_EXIST":
                return None
            raise GatewayRefused
        return _event(found, f"asked:{found.get('trade_no')}:{found.get('trade_status')}")

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent | None:
        """A notice is a form; `sign` and `sign_type` are no part of what is signed."""
        try:
            told = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=True))
        except ValueError as error:
            raise ForgedWebhook from error
        signed = {name: value for name, value in told.items() if name not in {"sign", "sign_type"}}
        if not self._is_alipays(_line(signed).encode(), told.get("sign", "")):
            raise ForgedWebhook
        if told.get("app_id") != self._app_id or told.get("sign_type") != "RSA2":
            raise ForgedWebhook
        try:
            return _event(told, told["notify_id"])
        except KeyError as error:
            raise ForgedWebhook from error

    def check(self) -> None:
        """Whether the keys fit: asks about a trade that cannot exist, which Alipay denies under its signature."""
        found = self._ask("alipay.trade.query", {"out_trade_no": f"0_{new_id().hex}"})
        if found["code"] not in {_DONE, _REFUSED}:
            raise GatewayRefused

    def _signed(
        self, method: str, content: Mapping[str, str], more: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        values = {
            "app_id": self._app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": _stamp(now()),
            "version": "1.0",
            "biz_content": json.dumps(dict(content), ensure_ascii=False, separators=(",", ":")),
            **(more or {}),
        }
        values["sign"] = sign(self._private, _line(values).encode())
        return values

    def _ask(self, method: str, content: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a method. One without Alipay's signature may only be a refusal for want of a right signature of ours;
        anything else that is not signed is not believed."""
        answer = wire.call("POST", self._base_url, form=self._signed(method, content))
        node = method.replace(".", "_") + "_response"
        told = wire.json_of(answer)
        found = told.get(node, told.get("error_response"))
        if not isinstance(found, dict) or "code" not in found:
            raise GatewayUnreachable
        if "sign" not in told and str(found["code"]).startswith("4") and found["code"] != _REFUSED:
            raise GatewayRefused
        if not self._is_alipays(_raw(answer.text, node), str(told.get("sign", ""))):
            raise GatewayUnreachable
        return found

    def _is_alipays(self, text: bytes, signature: str) -> bool:
        try:
            self._public.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def sign(key: RSAPrivateKey, text: bytes) -> str:
    """RSA2: SHA256withRSA, PKCS#1 v1.5, in base64."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode("ascii")


def _line(values: Mapping[str, str]) -> str:
    """What is signed: names in order, empty values left out, nothing escaped."""
    return "&".join(f"{name}={values[name]}" for name in sorted(values) if values[name] and name != "sign")


def _raw(text: str, node: str) -> bytes:
    """The very characters of a node: they, not what they mean, are signed."""
    _before, found, rest = text.partition(f'"{node}":')
    if not found:
        return b""
    lead = len(rest) - len(rest.lstrip())
    try:
        _value, end = json.JSONDecoder().raw_decode(rest[lead:])
    except ValueError:
        return b""
    return rest[lead : lead + end].encode()


def _number(key: str) -> str:
    """Our key in letters, digits and low lines, which is all that Alipay takes."""
    found = read_key(key)
    if found is None:
        raise GatewayRefused
    return f"{found[0]}_{found[1].hex}"


def _key_of(number: str) -> str:
    """Our key of an `out_trade_no`; empty where it is not one of ours."""
    tenant, _low, row = number.partition("_")
    try:
        return key_of(int(tenant), UUID(hex=row))
    except ValueError:
        return ""


def _trade(reference: str) -> dict[str, str]:
    return {"out_trade_no" if _key_of(reference) else "trade_no": reference}


def _event(told: Mapping[str, Any], event_id: str) -> GatewayEvent | None:
    """A notice or an answer of the query; None while the customer has not paid."""
    kind = _STATES.get(str(told.get("trade_status")))
    if kind is None:
        return None
    try:
        amount = Money.parse(str(told["total_amount"]), CURRENCY)
    except ValueError as error:
        raise ForgedWebhook from error
    return GatewayEvent(
        event_id=event_id,
        kind=kind,
        reference=str(told["trade_no"]),
        key=_key_of(str(told["out_trade_no"])),
        amount=amount,
        failure="" if kind is EventKind.CAPTURED else "closed",
    )


def _undecided(found: Mapping[str, Any]) -> bool:
    return bool({str(found["code"]), str(found.get("sub_code"))} & _UNKNOWN)


def _stamp(moment: Any) -> str:
    return str(moment.astimezone(_CLOCK).strftime("%Y-%m-%d %H:%M:%S"))
