"""The channel SMS by SMPP 3.4. One connection a line, held by the process that listens; `send` is called from any thread of it and
waits for the centre's answer, so that what became of a message is known before the next one goes.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty
from typing import ClassVar
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.contact.messaging.transport import (
    Incoming,
    LineFacts,
    NotTaken,
    Outgoing,
    Refused,
    Setting,
    Sink,
    Unknown,
)
from callcart.integrations.sms import account as accounts
from callcart.integrations.sms import statuses
from callcart.integrations.sms.account import Account
from callcart.integrations.sms.doors import Shut, address_for
from callcart.integrations.sms.inbound import Inbound
from callcart.integrations.sms.messages import of_raw
from callcart.integrations.sms.numbers import address_of
from callcart.integrations.sms.pace import Pace, TooFarOff
from callcart.integrations.sms.pdu import Command, Pdu, encode_short, read_text
from callcart.integrations.sms.pulse import Pulse
from callcart.integrations.sms.receipts import canonical
from callcart.integrations.sms.session import Gone, Lost, NotBound, NotConnected, Peer, Session, Timing
from callcart.integrations.sms.submit import Part, TooLong, parts_of
from callcart.integrations.sms.taken import Taken

LATE = 5.0  # seconds after which a centre may have given up waiting for an acknowledgement
LONGEST_PAUSE = 60.0
LONGEST_SEND = 45.0  # no part is begun after this; whoever waits for us waits two minutes


class CannotConnect(Exception):
    """The line does not work; `words` are for people. `refused`: asking again soon would not help."""

    def __init__(self, words: str, *, refused: bool = False) -> None:
        super().__init__(words)
        self.words, self.refused = words, refused


@dataclass(slots=True)
class Running:
    """A line that is connected."""

    session: Session
    account: Account
    pace: Pace
    window: threading.BoundedSemaphore
    taken: Taken


class SmppChannel:
    """`sms` by SMPP. Any number of lines, each with an account of its own at an SMS centre."""

    channel: ClassVar[str] = "sms"
    label: ClassVar[str | Promise] = gettext_lazy("SMS by SMPP")
    settings: ClassVar[tuple[Setting, ...]] = accounts.SETTINGS
    listens: ClassVar[bool] = True
    bound: ClassVar[bool] = True
    instant: ClassVar[bool] = False

    def __init__(self, timing: Timing | None = None, *, context: ssl.SSLContext | None = None) -> None:
        """`context`: whose certificates are trusted; those of the usual authorities otherwise."""
        self._timing, self._context = timing or Timing(), context
        self._running: dict[UUID, Running] = {}
        self._lock = threading.Lock()

    def address(self, text: str) -> str:
        try:
            return address_of(text)
        except ValueError:
            raise ValueError(
                _("Write a telephone number with its country code, like +12025550123.")
            ) from None

    def read(self, line: LineFacts, content: bytes) -> Incoming | None:
        return of_raw(content, Account.of(line).reading)

    def check(self, line: LineFacts) -> str:
        with self._lock:
            if line.id in self._running:
                return ""
        try:
            # As one that only sends: what comes in goes on to whoever listens.
            session = self._connect(line, Account.of(line), receives=False)
        except ValueError as error:
            return str(error)
        except NotBound as error:  # it is connected from elsewhere: by the process that listens
            return "" if error.status == statuses.ALREADY_BOUND else _refusal(error).words
        except CannotConnect as error:
            return error.words
        session.close()
        return ""

    def listen(self, line: LineFacts, sink: Sink, stop: threading.Event) -> None:
        """Until told to stop. What the sink raises ends it: what came was not acknowledged and comes again."""
        try:
            account = Account.of(line)
        except ValueError as error:
            sink.down(str(error))
            stop.wait(self._timing.refused)
            return
        taken, pace, pause = Taken(), Pace(account.per_second), self._timing.pause
        inbound = Inbound(line, sink, account.reading, settle=taken.settle)
        inbound.give_out()
        while not stop.is_set():
            try:
                session = self._connect(line, account)
            except (CannotConnect, NotBound) as error:
                refusal = _refusal(error) if isinstance(error, NotBound) else error
                sink.down(refusal.words)
                stop.wait(self._timing.refused if refusal.refused else pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            since = time.monotonic()
            window = threading.BoundedSemaphore(account.window)
            with self._serving(line.id, Running(session, account, pace, window, taken)):
                sink.up()
                self._hear(session, inbound, stop)
                # Before the good-bye, which takes a while: another process may read on from here then.
                inbound.state.connection_lost()
                inbound.keep()
            if stop.is_set():
                return
            sink.down(_("The connection to the SMS centre broke: %(why)s.") % {"why": session.why})
            pause = self._timing.pause if time.monotonic() - since > LONGEST_PAUSE else pause
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def send(self, line: LineFacts, outgoing: Outgoing) -> str:
        running = self._running_of(line)
        account = running.account
        try:
            parts = parts_of(outgoing, account)
        except TooLong:
            raise Refused(_("This text is too long for an SMS.")) from None
        except ValueError as error:
            raise Refused(str(error)) from None
        before = running.taken.parts(outgoing.key)
        reference, end = "", time.monotonic() + LONGEST_SEND
        for part in parts:
            if part.number in before:
                reference = before[part.number]
                continue
            if time.monotonic() > end:
                raise NotTaken(_("The SMS centre is slow: the other parts go later."))
            reference = canonical(self._submit(running, part), account.answer_form)
            if len(parts) > 1:
                running.taken.part(outgoing.key, part.number, reference)
        if failed := running.taken.whole(outgoing.key, reference):
            raise Refused(_("A part of it could not be delivered: %(words)s") % {"words": failed})
        return reference

    def _running_of(self, line: LineFacts) -> Running:
        with self._lock:
            running = self._running.get(line.id)
        if running is None or running.session.closed.is_set():
            raise NotTaken(_("The line is not connected to its SMS centre."))
        return running

    def _submit(self, running: Running, part: Part) -> str:
        """One part; the id the centre gave it. Raises NotTaken, Refused, Unknown."""
        most = self._timing.answer
        if not running.window.acquire(timeout=most):
            raise NotTaken(_("The SMS centre is slow: too many messages are under way."))
        try:
            running.pace.wait(most)
            return self._answered(running, running.session.ask(Command.SUBMIT_SM, encode_short(part.short)))
        except TooFarOff:
            raise NotTaken(_("The SMS centre takes no more for now.")) from None
        except Gone:
            raise NotTaken(_("The line is not connected to its SMS centre.")) from None
        except Lost:
            raise Unknown(_("The connection to the SMS centre broke before it answered.")) from None
        finally:
            running.window.release()

    def _answered(self, running: Running, future: Future[Pdu]) -> str:
        try:
            pdu = future.result(self._timing.answer)
        except TimeoutError:
            with suppress(Gone):
                running.session.forget(future)
            raise Unknown(_("The SMS centre did not answer.")) from None
        if pdu.status == statuses.OK and pdu.command != Command.GENERIC_NACK:
            running.pace.went_well()
            return read_text(pdu.body)
        words = _("The SMS centre said %(status)s.") % {"status": statuses.name_of(pdu.status)}
        if pdu.status in statuses.TOO_FAST:
            running.pace.too_fast()
        raise Refused(words) if statuses.is_for_good(pdu.status) else NotTaken(words)

    def _connect(self, line: LineFacts, account: Account, *, receives: bool = True) -> Session:
        """Raises CannotConnect, NotBound."""
        try:
            address = address_for(account.host, account.port)
        except Shut as error:
            raise CannotConnect(str(error), refused=True) from None
        context = (self._context or ssl.create_default_context()) if account.tls else None
        peer = Peer(address, account.port, context, account.host)
        try:
            return Session.opened(peer, account.bind, self._timing, name=str(line.id), receives=receives)
        except NotConnected as error:
            words = _("The SMS centre %(host)s cannot be reached: %(why)s.")
            raise CannotConnect(words % {"host": account.host, "why": str(error)}) from None

    @contextmanager
    def _serving(self, line_id: UUID, running: Running) -> Iterator[None]:
        with self._lock:
            self._running[line_id] = running
        try:
            yield
        finally:
            with self._lock:
                if self._running.get(line_id) is running:
                    del self._running[line_id]
            running.session.close()

    def _hear(self, session: Session, inbound: Inbound, stop: threading.Event) -> None:
        """Keep and acknowledge what comes, as long as the connection lasts."""
        pulse = Pulse(session, inbound, self._timing)
        while not stop.is_set():
            try:
                pdu, came = session.inbox.get(timeout=self._timing.look)
            except Empty:
                if session.closed.is_set():
                    return
                inbound.give_out()
            else:
                self._keep(session, inbound, pdu, came)
            if not pulse.beats():
                session.close(_("it does not answer"))
                return
            if pulse.is_quiet:
                inbound.keep()

    def _keep(self, session: Session, inbound: Inbound, pdu: Pdu, came: float) -> None:
        try:
            status = inbound.take(pdu)
        except BaseException:
            session.answer(pdu, statuses.TRY_AGAIN)
            raise
        session.answer(pdu, status)
        if time.monotonic() - came > LATE:
            inbound.answered_late()


def _refusal(error: NotBound) -> CannotConnect:
    if error.status in statuses.WRONG_ACCOUNT:
        words = _("The SMS centre does not accept the system id or the password (%(status)s).")
        return CannotConnect(words % {"status": str(error)}, refused=True)
    return CannotConnect(_("The SMS centre refused the connection (%(status)s).") % {"status": str(error)})
