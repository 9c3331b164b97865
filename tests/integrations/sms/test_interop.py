"""Our channel with somebody else's SMS centre: an independent implementation of SMPP 3.4 (smpp34), over a socket."""

from __future__ import annotations

import asyncio

import pytest
import smpp34

from callcart.contact.messaging.transport import Refused
from callcart.integrations.sms import smpp
from tests.environment import free_ports
from tests.integrations.sms.centre import SLOW, Listening, until
from tests.integrations.sms.lines import CUSTOMER, outgoing


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp, "address_for", lambda host, port: host)


def test_out_with_receipt_and_in_again() -> None:
    asyncio.run(_exchange())


async def _exchange() -> None:
    port = free_ports(1)[0]
    server = smpp34.Server(host="127.0.0.1", port=port, system_id="theirs")
    await server.start()
    on = Listening(port, timing=SLOW)
    try:
        await asyncio.to_thread(on.__enter__)
        esme = await asyncio.wait_for(server.next(), 5)
        assert isinstance(esme, smpp34.Esme) and esme.system_id == "harbor" and esme.can_receive
        sending = asyncio.to_thread(on.channel.send, on.line, outgoing("你好" * 40))
        sent = asyncio.ensure_future(sending)
        parts = []
        for number in (1, 2):
            event = await asyncio.wait_for(server.next(), 5)
            assert isinstance(event, smpp34.SubmitSmEvent)
            parts.append(event)
            event.accept(message_id=f"msg-{number}")
        assert await sent == "msg-2"
        assert {each.destination_addr for each in parts} == {CUSTOMER[1:]}
        for each in reversed(parts):  # as if the customer sent the same back, the last part first
            reply = await esme.deliver_sm(
                "12025550123",
                each.short_message,
                source_addr="12025550100",
                source_addr_ton=1,
                esm_class=each.esm_class,
                data_coding=each.data_coding,
            )
            assert reply.is_success
        receipt = b"id:msg-2 sub:001 dlvrd:001 submit date:2611300000 done date:2611300001 stat:DELIVRD err:000 text:"
        reply = await esme.deliver_sm("12025550123", receipt, source_addr="12025550100", esm_class=4)
        assert reply.is_success
        await asyncio.to_thread(until, lambda: on.heard.messages and on.heard.receipts)
        assert [(each.text, each.peer) for each in on.heard.messages] == [("你好" * 40, CUSTOMER)]
        assert [(each.reference, each.delivered) for each in on.heard.receipts] == [("msg-2", True)]
        refused = asyncio.ensure_future(asyncio.to_thread(on.channel.send, on.line, outgoing("no", key="2")))
        event = await asyncio.wait_for(server.next(), 5)
        assert isinstance(event, smpp34.SubmitSmEvent)
        event.reject(smpp34.ESME_RINVDSTADR)
        with pytest.raises(Refused):
            await refused
    finally:
        await asyncio.to_thread(on.__exit__)
        await server.stop()
