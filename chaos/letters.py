"""Customers who write mails, and the two servers between them and the shop: a real IMAP server that the shop reads, a real SMTP server
that it sends to. A mail counts as said once the IMAP server has it; from then on it must become one message.
"""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate
from uuid import uuid4

from tests.integrations.mail.servers import PASSWORD, USER, Imap, smtp

# The server's library complains of connections that were cut; here they are cut all the time.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)
PAUSE = (40.0, 70.0)  # of one writer: a quarter of an hour of it is below what calls nobody any more
FIRST_WITHIN = 10.0
_CODE = """
from callcart.contact.messaging import public as messaging
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
with tenant_transaction(tenant.id):
    queue = next(each for each in routing.queues() if each.code == "aftersales")
    messaging.add_line(Actor.system(tenant.id, "chaos"), "mail", name="Help", address={address!r}, queue_id=queue.id, values={values!r})
"""


@dataclass
class Writer:
    """One customer with a mailbox. `said`: Message-IDs that the server has, in order."""

    address: str
    due: float
    said: list[str] = field(default_factory=list)


class Post:
    """The servers, and all writers by turns in one thread. `with Post(...) as post`."""

    def __init__(self, writers: int) -> None:
        self._chance = random.Random(17)
        self._imap = Imap(None)
        self._server, self._received = smtp()
        self.writers = [
            Writer(f"writer{number}@post.example", self._chance.uniform(0, FIRST_WITHIN))
            for number in range(writers)
        ]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="post", daemon=True)

    def line(self) -> str:
        """Code that makes the shop's line to these servers."""
        values = {
            "imap_host": "127.0.0.1", "imap_port": str(self._imap.port), "imap_tls": "none", "imap_user": USER, "imap_password": PASSWORD,
            "smtp_host": "127.0.0.1", "smtp_port": str(self._server.port), "smtp_tls": "none",
        }  # fmt: skip
        return _CODE.format(address=USER, values=values)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nobody writes any more; the servers stay until `close`."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(20)

    def close(self) -> None:
        self._imap.stop()
        self._server.stop()

    def said(self) -> list[str]:
        """Message-IDs of all mails the IMAP server has taken."""
        return [each for writer in self.writers for each in writer.said]

    def delivered(self) -> list[str]:
        """The texts of what came out of the shop, in the order in which the SMTP server took them."""
        return [_first_line(each.original_content or b"") for each in list(self._received.mails)]

    def _run(self) -> None:
        passed = 0.0
        while not self._stop.wait(0.2):
            passed += 0.2
            for writer in self.writers:
                if writer.due <= passed and not self._stop.is_set():
                    self._write(writer)
                    writer.due = passed + self._chance.uniform(*PAUSE)

    def _write(self, writer: Writer) -> None:
        mail = EmailMessage()
        name = f"<{uuid4().hex}@post.example>"
        mail["From"], mail["To"], mail["Message-ID"], mail["Date"] = (
            writer.address,
            USER,
            name,
            formatdate(),
        )
        mail["Subject"] = "Re: my order" if writer.said else "My order"
        if writer.said:
            mail["In-Reply-To"] = writer.said[-1]
            mail["References"] = " ".join(writer.said[-3:])
        mail.set_content(f"word {len(writer.said)} of {writer.address}\n")
        self._imap.put(mail.as_bytes(policy=policy.SMTP))
        writer.said.append(name)


def _first_line(content: bytes) -> str:
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
