"""Handing a mail over to a server (RFC 5321), so that it is always known who has it.

A server has a mail when it says so after the final dot. Whatever goes wrong before that dot is `NotTaken` or `Refused`; a dot that is
said and not answered is `Unknown`. It goes to all of its recipients or to none: what one of them cannot have is told before it leaves.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from contextlib import suppress

from django.utils.translation import gettext as _

from callcart.contact.messaging.transport import NotTaken, Refused, Unknown
from callcart.core.text import printable
from callcart.integrations.mail import servers
from callcart.integrations.mail.access import Server
from callcart.integrations.mail.writing import Written

SECONDS = 100.0  # for all of it
_ANSWER_SECONDS = 45.0  # of them kept for the answer to the dot
_STEP_SECONDS = 20.0
# Our own set-up and not the mail: authentication is wanted (RFC 4954), or TLS (RFC 3207).
_OURS_TO_MEND = frozenset({530, 534, 535, 538, 523, 525})


class _Clock:
    """How long each step may take, so that the whole never outlasts what the caller waits."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS

    def step(self, client: smtplib.SMTP) -> None:
        """The next step takes little, and leaves time for the answer to the dot."""
        self._allow(client, min(_STEP_SECONDS, self._left() - _ANSWER_SECONDS))

    def content(self, client: smtplib.SMTP) -> None:
        """The content takes as long as it may; the answer's time is kept."""
        self._allow(client, self._left() - _ANSWER_SECONDS)

    def answer(self, client: smtplib.SMTP) -> None:
        self._allow(client, self._left())

    def _left(self) -> float:
        return self._end - time.monotonic()

    @staticmethod
    def _allow(client: smtplib.SMTP, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError
        if client.sock is not None:
            client.sock.settimeout(seconds)


def hand_over(server: Server, written: Written, context: ssl.SSLContext) -> None:
    """Raises NotTaken, Refused, Unknown, each saying why in words."""
    clock = _Clock()
    try:
        client = servers.smtp(server, context, name=written.sender.rpartition("@")[2])
    except servers.FAULTS as error:
        raise NotTaken(servers.words_of(error, server)) from error
    try:
        try:
            _envelope(client, written, clock)
            _content(client, written.content, clock)
        except servers.FAULTS as error:
            raise NotTaken(servers.words_of(error, server)) from error
        _end(client, clock)
        with suppress(*servers.FAULTS):
            client.quit()
    finally:
        client.close()


def _envelope(client: smtplib.SMTP, written: Written, clock: _Clock) -> None:
    clock.step(client)
    code, said = client.mail(written.sender, _options(client, written))
    if code != 250:
        raise _refusal(code, said, ours=code in _OURS_TO_MEND)
    for address in written.recipients:
        clock.step(client)
        code, said = client.rcpt(address)
        if code not in {250, 251}:
            raise _refusal(
                code, said, address if len(written.recipients) > 1 else "", ours=code in _OURS_TO_MEND
            )


def _options(client: smtplib.SMTP, written: Written) -> list[str]:
    size = len(written.content)
    most = client.esmtp_features.get("size", "").strip()
    if most.isdigit() and 0 < int(most) < size:
        words = _("The mail server takes mails of %(most)d MB at most; this one has %(size)d.")
        raise Refused(words % {"most": int(most) // 2**20, "size": -(-size // 2**20)})
    options = [f"SIZE={size}"] if client.has_extn("size") else []
    if written.wide:
        if not client.has_extn("smtputf8"):
            raise Refused(_("The mail server takes only addresses in Latin letters."))
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    if client.has_extn("dsn"):  # so that a bounce names the mail, even where it gives nothing of it back
        options += ["RET=HDRS", f"ENVID={xtext(written.message_id)}"]
    return options


def xtext(text: str) -> str:
    """A text as it stands in a parameter (RFC 3461, 4)."""
    return "".join(
        char if 33 <= ord(char) <= 126 and char not in "+=" else f"+{ord(char):02X}" for char in text
    )


def _content(client: smtplib.SMTP, content: bytes, clock: _Clock) -> None:
    """Everything up to the dot. Lines end as the protocol wants, or a second mail could be hidden in one."""
    clock.step(client)
    code, said = client.docmd("DATA")
    if code != 354:
        raise _refusal(code, said, ours=code in _OURS_TO_MEND)
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    clock.content(client)
    client.send(re.sub(rb"(?m)^\.", b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n"))


def _end(client: smtplib.SMTP, clock: _Clock) -> None:
    try:
        clock.answer(client)
        client.send(b".\r\n")
        code, said = client.getreply()
    except servers.FAULTS as error:
        raise Unknown(
            _("The connection ended before the mail server said whether it has the mail.")
        ) from error
    if 200 <= code < 300:
        return
    if 400 <= code < 600:
        raise _refusal(code, said)
    raise Unknown(_("The mail server gave an answer that is none."))


def _refusal(code: int, said: bytes | str, address: str = "", *, ours: bool = False) -> Exception:
    """What the server said as a refusal for good (5xx), or as one for now."""
    words = printable(said.decode("utf-8", "replace") if isinstance(said, bytes) else said, 250)
    text = f"{address}: {code} {words}" if address else f"{code} {words}"
    return Refused(text) if 500 <= code < 600 and not ours else NotTaken(text)
