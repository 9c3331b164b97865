"""The demo SMS centre with our own channels, and with a client that is not ours."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import smpp34

from callcart.contact.messaging.transport import LineFacts, NotTaken, Receipt, Refused, Unknown
from callcart.core.secrets import secret
from callcart.demo.sms.api import SEAL, smpp_password
from callcart.demo.sms.book import Book
from callcart.demo.sms.fates import Fate, Way, order
from callcart.demo.sms.submits import send
from callcart.integrations.sms.http import HttpSmsChannel
from callcart.integrations.sms.webhook import parse_webhook
from tests.demo.sms.conftest import PHONE, SHOP, Company
from tests.environment import free_ports
from tests.integrations.sms.centre import QUICK, SLOW, Listening, until
from tests.integrations.sms.lines import LINE, outgoing


@pytest.fixture
def shop(company: Company) -> Iterator[Listening]:
    values = {"system_id": SHOP[1:], "password": smpp_password()}
    with Listening(company.smpp_port, timing=SLOW, **values) as on:
        assert on.heard.states == ["up"]
        yield on


class TestBySmpp:
    def test_there_and_back(self, company: Company, shop: Listening) -> None:
        text = "您的包裹已发出。" * 12 + "<b>"
        reference = shop.channel.send(shop.line, outgoing(text, to=PHONE))
        until(lambda: shop.heard.receipts)
        assert shop.heard.receipts == [Receipt(reference, True, words="DELIVRD")]
        assert text.replace("<b>", "&lt;b&gt;") in company.page(PHONE)
        company.write(PHONE, "谢谢 😀")
        until(lambda: shop.heard.messages)
        (message,) = shop.heard.messages
        assert (message.peer, message.text) == (PHONE, "谢谢 😀")

    @pytest.mark.parametrize("way", [Way.BACKWARDS, Way.DOUBLED])
    def test_parts_out_of_order_and_doubled(self, company: Company, shop: Listening, way: Way) -> None:
        company.turn(PHONE, way=way)
        company.write(PHONE, "0123456789" * 40)
        until(lambda: shop.heard.messages)
        assert [each.text for each in shop.heard.messages] == ["0123456789" * 40]

    def test_a_part_that_is_lost_is_waited_for(self, company: Company, shop: Listening) -> None:
        company.turn(PHONE, way=Way.ONE_MISSING)
        company.write(PHONE, "0123456789" * 40)
        until(lambda: shop.heard.cursor.count("[1,0,") + shop.heard.cursor.count("[3,0,") == 2)
        assert shop.heard.messages == []

    def test_what_becomes_of_messages(self, company: Company, shop: Listening) -> None:
        said = []
        for number, fate in enumerate((Fate.TWICE, Fate.FAILED, Fate.NEVER), 1):
            to = f"+1202555020{number}"
            company.turn(to, fate=fate)
            said.append(shop.channel.send(shop.line, outgoing(key=fate, to=to)))
        until(lambda: len(shop.heard.receipts) >= 3)
        assert sorted((each.reference, each.delivered) for each in shop.heard.receipts) == sorted(
            [(said[0], True), (said[0], True), (said[1], False)]
        )

    def test_refused_busy_and_silent(self, company: Company) -> None:
        values = {"system_id": SHOP[1:], "password": smpp_password()}
        with Listening(company.smpp_port, timing=QUICK, **values) as on:
            company.turn("+12025550211", fate=Fate.REFUSED)
            with pytest.raises(Refused):
                on.channel.send(on.line, outgoing(to="+12025550211"))
            company.turn("+12025550213", fate=Fate.SILENT)
            with pytest.raises(Unknown):
                on.channel.send(on.line, outgoing(to="+12025550213"))
            company.turn("+12025550212", fate=Fate.BUSY)
            with pytest.raises(NotTaken, match="THROTTLED"):
                on.channel.send(on.line, outgoing(to="+12025550212"))

    def test_a_stranger_is_not_connected(self, company: Company) -> None:
        with Listening(company.smpp_port, system_id=SHOP[1:], password="guess") as on:
            assert "does not accept" in on.heard.states[0]
        with Listening(company.smpp_port, system_id="harbor", password=smpp_password()) as on:
            assert "ESME_RINVSYSID" in on.heard.states[0]

    def test_what_came_while_the_shop_was_away_comes_when_it_is_back(self, company: Company) -> None:
        values = {"system_id": SHOP[1:], "password": smpp_password()}
        with Listening(company.smpp_port, **values):
            pass
        book = Book(company.path)
        send(book, "+12025550150", SHOP, "Are you there?")
        book.close()
        with Listening(company.smpp_port, **values) as on:
            until(lambda: on.heard.messages)
        assert [each.text for each in on.heard.messages] == ["Are you there?"]

    def test_a_client_that_is_not_ours(self, company: Company) -> None:
        asyncio.run(_other_client(company.smpp_port))


async def _other_client(port: int) -> None:
    client = smpp34.Client("127.0.0.1", port, "12025550177", smpp_password(), bind_type="TRX")
    smsc = await client.connect()
    reply = await smsc.submit_sm("12025550142", b"hi", source_addr="12025550177", registered_delivery=1)
    assert reply.is_success and reply.message_id
    event = await asyncio.wait_for(smsc.next(), 5)
    assert isinstance(event, smpp34.DeliverSmEvent)
    assert event.esm_class == 4 and f"id:{reply.message_id} ".encode() in event.short_message
    await smsc.unbind()


class TestByHttp:
    def line(self, company: Company, **values: str) -> LineFacts:
        known = {"url": f"{company.url}/api/messages", "secret": secret(SEAL.secret_name)}
        return LineFacts(
            LINE, 1, "+8657188880100", "SMS", known | {"proof_secret": secret(SEAL.secret_name)} | values
        )

    def test_there_and_back(self, company: Company) -> None:
        heard: list[object] = []
        line, port = self.line(company), free_ports(1)[0]
        with _hooks(port, lambda headers, body: heard.extend(parse_webhook(line, headers, body))):
            company_url = f"http://127.0.0.1:{port}/hook"
            httpx.post(f"{company.url}/hook", data={"shop": line.address, "url": company_url})
            reference = HttpSmsChannel().send(line, outgoing("您好", to=PHONE, key="http-1"))
            assert HttpSmsChannel().send(line, outgoing("您好", to=PHONE, key="http-1")) == reference
            company.write(PHONE, "退订", shop=line.address)
            until(lambda: len(heard) == 2)
        messages = [each for each in heard if not isinstance(each, Receipt)]
        assert Receipt(reference, True, words="delivered") in heard
        assert [(each.peer, each.text) for each in messages] == [(PHONE, "退订")]  # type: ignore[attr-defined]
        assert company.page(PHONE).count("您好<br>") == 1

    def test_refused_and_busy(self, company: Company) -> None:
        for number, fate, expected in (("301", Fate.REFUSED, Refused), ("302", Fate.BUSY, NotTaken)):
            company.turn(f"+12025550{number}", fate=fate)
            with pytest.raises(expected):
                HttpSmsChannel().send(self.line(company), outgoing(to=f"+12025550{number}"))

    def test_a_wrong_key(self, company: Company) -> None:
        with pytest.raises(NotTaken, match="does not accept the key"):
            HttpSmsChannel().send(self.line(company, secret="guess"), outgoing())

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"to": 1}', b'{"to":"x","from":"y","text":"z","key":""}'])
    def test_what_is_no_message(self, company: Company, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {secret(SEAL.secret_name)}"}
        assert httpx.post(f"{company.url}/api/messages", content=body, headers=headers).status_code == 400


@contextmanager
def _hooks(port: int, take: Callable[[dict[str, str], bytes], None]) -> Iterator[None]:
    """A shop's web address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            take(dict(self.headers.items()), body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


def test_pages_in_both_languages(company: Company, shop: Listening) -> None:
    for path in ("/", f"/phone/{PHONE}", f"/phone/{PHONE}/messages"):
        english, chinese = (
            httpx.get(company.url + path, headers={"Accept-Language": each}) for each in ("en", "zh-CN")
        )
        assert english.status_code == chinese.status_code == 200
        assert "<title>Meadow Mobile" in english.text and "<title>草甸移动" in chinese.text
        assert "default-src 'none'" in english.headers["content-security-policy"]
    assert SHOP in httpx.get(company.url).text


def test_orders_of_parts() -> None:
    assert [place for place, _after in order(Way.BACKWARDS, 3)] == [2, 1, 0]
    assert [place for place, _after in order(Way.DOUBLED, 2)] == [0, 0, 1, 1]
    assert [place for place, _after in order(Way.ONE_MISSING, 3)] == [0, 2]
    assert [after for _place, after in order(Way.SLOWLY, 3)] == [0.0, 2.0, 4.0]
    assert order(Way.ONE_MISSING, 1) == order(Way.DOUBLED, 1) == [(0, 0.0)]
