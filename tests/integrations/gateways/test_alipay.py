"""Alipay's adapter against a stand-in that signs and answers in the published shapes (with values of our own)."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from callcart.commerce.payments.gateway import (
    ForgedWebhook,
    GatewayRefused,
    GatewayUnreachable,
    RefundRequest,
    SessionRequest,
)
from callcart.core.money import Money
from callcart.integrations.gateways.alipay import AlipayGateway, sign
from tests.integrations.gateways.contract import Contract, Message, a_key
from tests.integrations.gateways.standin import Answer, Asked, Fault, StandIn

APP = "2026000000000001"


@cache
def pair(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def bare_private(name: str, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return base64.b64encode(pair(name).private_bytes(Encoding.DER, form, NoEncryption())).decode()


def bare_public(name: str) -> str:
    key = pair(name).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def line(values: dict[str, str]) -> bytes:
    return "&".join(f"{n}={values[n]}" for n in sorted(values) if values[n] and n != "sign").encode()


class Alipay:
    """Trades and refunds in memory. It checks our signature and signs what it says."""

    currency = "CNY"
    calls_at_session = False

    def __init__(self) -> None:
        self.standin = StandIn(self._work)
        values = {
            "app_id": APP,
            "private_key": bare_private("shop"),
            "alipay_public_key": bare_public("alipay"),
        }
        self.gateway = AlipayGateway(values, base_url=f"{self.standin.url}/gateway.do")
        self.trades: dict[str, dict[str, str]] = {}
        self.made: dict[str, tuple[str, int]] = {}
        self.signer = "alipay"
        self.undecided = False

    @property
    def fault(self) -> Fault:
        return self.standin.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.standin.fault = fault

    def close(self) -> None:
        self.standin.close()

    def decline_charges(self) -> None:
        raise NotImplementedError

    def refunds(self) -> list[int]:
        return [minor for _, minor in self.made.values()]

    def charges(self) -> list[int]:
        return []

    def pay(self, key: str, *, minor: int = 0) -> Message:
        tenant, _, row = key.partition(".")
        number = f"{tenant}_{row.replace('-', '')}"
        self.trades[number] = {
            "trade_no": f"20261129{len(self.trades):06d}", "out_trade_no": number, "trade_status": "TRADE_SUCCESS",
            "total_amount": f"{(minor or 5000) / 100:.2f}",
        }  # fmt: skip
        return self.notice(number)

    def run_out(self, key: str) -> Message:
        self.pay(key)
        number = list(self.trades)[-1]
        self.trades[number]["trade_status"] = "TRADE_CLOSED"
        return self.notice(number)

    def notice(self, number: str, *, signer: str = "alipay", **changes: str) -> Message:
        told = {
            "notify_time": "2026-11-29 20:00:00", "notify_type": "trade_status_sync", "charset": "utf-8",
            "notify_id": f"notice-{number}", "app_id": APP, "version": "1.0", "subject": "订单 10427 & 更多",
            "buyer_id": "", **self.trades[number], **changes,
        }  # fmt: skip
        signature = sign(pair(signer), line(told))
        return {}, urlencode({**told, "sign_type": "RSA2", "sign": signature}).encode()

    def forge(self, message: Message) -> Message:
        return self.notice(list(self.trades)[-1], signer="somebody")

    def _work(self, asked: Asked) -> Answer:
        given = dict(asked.form)
        signature = given.pop("sign")
        try:
            pair("shop").public_key().verify(base64.b64decode(signature), line(given), PKCS1v15(), SHA256())
        except Exception:  # noqa: BLE001
            return 200, json.dumps({"error_response": {"code": "40002", "sub_code": "isv.invalid-signature"}})
        node = given["method"].replace(".", "_") + "_response"
        text = json.dumps(self._answer(given["method"], json.loads(given["biz_content"])), ensure_ascii=False)
        signed = sign(pair(self.signer), text.encode())
        return 200, f'{{"{node}": {text}, "alipay_cert_sn":"x","sign":"{signed}"}}'

    def _answer(self, method: str, content: dict[str, str]) -> dict[str, Any]:
        trade = self.trades.get(content.get("out_trade_no", ""))
        if trade is None:
            return {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST"}
        done = {"code": "10000", "msg": "Success", "sub_msg": "成功", **trade}
        if method == "alipay.trade.query":
            return done
        number = content["out_request_no"]
        if method == "alipay.trade.fastpay.refund.query":
            return {**done, "refund_status": "REFUND_SUCCESS"} if number in self.made else done
        if self.undecided:
            return {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error"}
        if number in self.made:
            return {**done, "fund_change": "N"}
        minor = round(float(content["refund_amount"]) * 100)
        gone = sum(each for owner, each in self.made.values() if owner == trade["out_trade_no"])
        if minor > round(float(trade["total_amount"]) * 100) - gone:
            return {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"}
        self.made[number] = trade["out_trade_no"], minor
        return {**done, "fund_change": "Y"}


class TestAlipay(Contract):
    def make(self) -> Alipay:
        return Alipay()

    @pytest.fixture
    def alipay(self, provider: Alipay) -> Alipay:
        return provider

    @pytest.mark.parametrize(
        ("mobile", "method"), [(False, "alipay.trade.page.pay"), (True, "alipay.trade.wap.pay")]
    )
    def test_the_page_is_a_signed_address(self, alipay: Alipay, mobile: bool, method: str) -> None:
        session = alipay.gateway.create_session(
            self.request(alipay, "7.0199aaaa-0000-7000-8000-000000000001", 8805, mobile=mobile)
        )
        given = dict(parse_qsl(urlsplit(session.url).query))
        signature = given.pop("sign")
        pair("shop").public_key().verify(base64.b64decode(signature), line(given), PKCS1v15(), SHA256())
        content = json.loads(given["biz_content"])
        assert given["method"] == method
        assert given["notify_url"] == "https://shop.example/hooks/payments/x"
        assert (content["out_trade_no"], content["total_amount"]) == (
            "7_0199aaaa000070008000000000000001",
            "88.05",
        )
        assert session.reference == content["out_trade_no"]
        assert alipay.standin.asked == []

    def test_only_yuan(self, alipay: Alipay) -> None:
        with pytest.raises(GatewayRefused):
            alipay.gateway.create_session(
                SessionRequest(a_key(), Money(1, "USD"), "1", "en", "https://a.example", "https://a.example")
            )

    def test_a_notice_for_another_application_is_refused(self, alipay: Alipay) -> None:
        alipay.pay(a_key())
        number = list(alipay.trades)[-1]
        with pytest.raises(ForgedWebhook):
            alipay.gateway.parse_webhook(*alipay.notice(number, app_id="2026000000000002"))
        for odd in ({"total_amount": "x"}, {"total_amount": "1e5"}, {"trade_status": "WAIT_BUYER_PAY"}):
            if "trade_status" in odd:
                assert alipay.gateway.parse_webhook(*alipay.notice(number, **odd)) is None
                continue
            with pytest.raises(ForgedWebhook):
                alipay.gateway.parse_webhook(*alipay.notice(number, **odd))

    def test_an_answer_somebody_else_signed_is_not_believed(self, alipay: Alipay) -> None:
        key, reference, _ = self.paid(alipay)
        alipay.signer = "somebody"
        with pytest.raises(GatewayUnreachable):
            alipay.gateway.look_up(key, reference)
        with pytest.raises(GatewayUnreachable):
            alipay.gateway.refund(RefundRequest(a_key(), reference, Money(1, "CNY")))

    def test_an_undecided_refund_is_asked_about(self, alipay: Alipay) -> None:
        _, reference, _ = self.paid(alipay)
        asked = RefundRequest(a_key(), reference, Money(100, "CNY"))
        alipay.undecided = True
        with pytest.raises(GatewayUnreachable):
            alipay.gateway.refund(asked)
        alipay.undecided = False
        first = alipay.gateway.refund(asked)
        alipay.undecided = True
        assert alipay.gateway.refund(asked) == first
        assert alipay.refunds() == [100]

    def test_a_refund_by_alipays_own_number(self, alipay: Alipay) -> None:
        key, _, _ = self.paid(alipay)
        with pytest.raises(GatewayRefused):  # this stand-in knows our numbers only
            alipay.gateway.refund(RefundRequest(a_key(), "20261129000000", Money(1, "CNY")))
        content = json.loads(alipay.standin.asked[-1].form["biz_content"])
        assert content["trade_no"] == "20261129000000"
        assert alipay.gateway.look_up(key) is not None

    def test_keys_in_each_form_that_people_have(self, alipay: Alipay) -> None:
        pem = pair("shop").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = (
            pair("alipay").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        )
        for private in (pem, bare_private("shop", PrivateFormat.TraditionalOpenSSL), bare_private("shop")):
            values = {"app_id": APP, "private_key": private, "alipay_public_key": public}
            AlipayGateway(values, base_url=alipay.standin.url).check()
        for field in alipay.gateway.traits.keys:
            assert field.fits("") is (field.read is None)
            assert field.fits("not base64 ☃") is (field.read is None)
        private_field = alipay.gateway.traits.keys[1]
        assert not private_field.fits(bare_public("alipay"))

    def test_keys_that_do_not_belong_together(self, alipay: Alipay) -> None:
        values = {
            "app_id": APP,
            "private_key": bare_private("somebody"),
            "alipay_public_key": bare_public("alipay"),
        }
        with pytest.raises(GatewayRefused):
            AlipayGateway(values, base_url=alipay.standin.url).check()
