"""What an SMS centre delivers, given to a sink: each thing is kept before the status that acknowledges it is returned. Whatever comes,
nothing is lost: what cannot be read is kept raw, and a message with a part missing as what there is of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from callcart.contact.messaging.transport import LineFacts, Receipt, Sink
from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.integrations.sms import header, receipts, statuses
from callcart.integrations.sms.half_read import HalfRead, digest_of
from callcart.integrations.sms.messages import Reading, of_group, of_short
from callcart.integrations.sms.pdu import BadBody, Command, Pdu, Short, decode_data, decode_short


class Inbound:
    """Of one line, used by the thread that listens."""

    def __init__(
        self,
        line: LineFacts,
        sink: Sink,
        reading: Reading,
        *,
        settle: Callable[[Receipt], Receipt | None] = lambda receipt: receipt,
    ) -> None:
        """`settle` says of which message of ours a receipt is, where only a part of it is named; None for one that tells nothing."""
        self._sink, self._reading, self._settle = sink, reading, settle
        self.state = HalfRead(line.cursor)
        self._last = ""

    def take(self, pdu: Pdu) -> int:
        """Keep one delivery; the status to answer with. Raises what the sink raises: nothing is to be acknowledged then."""
        self._last = ""
        try:
            short = decode_data(pdu.body) if pdu.command == Command.DATA_SM else decode_short(pdu.body)
        except BadBody:
            self._sink.raw(hashlib.sha256(pdu.body).hexdigest(), pdu.body)
            return statuses.OK
        if receipts.is_receipt(short):
            self._receipt(short)
        elif not receipts.is_acknowledgement(short):
            self._message(short)
        return statuses.OK

    def answered_late(self) -> None:
        """The last one was acknowledged so late that the centre may have sent it again."""
        self.state.came_late(self._last)

    def give_out(self) -> None:
        """Messages that are whole, and those whose parts have been waited for long enough."""
        for group in list(self.state.ready(_seconds())):
            self._sink.message(of_group(group, self._reading))
            self.state.drop(group)

    def keep(self) -> None:
        """Write down how far it has read, where that has changed."""
        if self.state.changed:
            self._sink.at(self.state.text())

    def _receipt(self, short: Short) -> None:
        told = receipts.read(short)
        if told is None or told.delivered is None:
            return
        reference = receipts.canonical(told.message_id, self._reading.receipt_form)
        receipt = self._settle(Receipt(reference, told.delivered, words=told.words))
        if receipt is not None:
            self._sink.receipt(receipt)

    def _message(self, short: Short) -> None:
        place, content = header.read(short)
        digest, at = digest_of(short), _seconds()
        self._last = digest
        before = self.state.again(digest, at)
        if place:
            self.state.add(short, place, content, at, spare=before is not None)
        if before is None:
            before = "" if place else str(new_id())
            self.state.acknowledge(digest, before, at)
        self.keep()
        if place:
            self.give_out()
        else:
            self._sink.message(of_short(before, short, self._reading))


def _seconds() -> float:
    return now().timestamp()
