"""Who has asked for nothing more by SMS, and who wants it again. It is the number that counts, whoever its owner is: carriers and the law
ask for no less. What waits to go there does not go.
"""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.public import add_step
from callcart.contact.messaging.models import Line, StoppedPeer
from callcart.core.actor import Actor
from callcart.core.stop_words import is_start, is_stop
from callcart.people.customers.public import get_customer, update_customer

_MAY_MEAN_MORE = frozenset({"cancel", "end", "停止"})


def has_stopped(channel: str, peer: str) -> bool:
    """Whether nothing may be sent to this address."""
    return channel == "sms" and StoppedPeer.objects.filter(channel=channel, peer=peer).exists()


def heed(line: Line, peer: str, text: str, language: str) -> str:
    """What a message says of stopping: `stopped`, `started`, or empty. Holds in the transaction in hand."""
    if line.channel != "sms":
        return ""
    if is_stop(text, language):
        StoppedPeer.objects.get_or_create(channel=line.channel, peer=peer)
        return "stopped"
    if is_start(text, language):
        gone, _each = StoppedPeer.objects.filter(channel=line.channel, peer=peer).delete()
        return "started" if gone else ""
    return ""


def calls_nobody(text: str) -> bool:
    """Whether a word that says stop says nothing else: who writes "cancel" to a shop may mean an order."""
    return text.strip().casefold() not in _MAY_MEAN_MORE


def note(tenant_id: int, conversation_id: UUID, customer_id: UUID | None, said: str) -> None:
    """Write it on the path, and with the customer, where it is known who that is."""
    add_step(conversation_id, said)
    if customer_id is not None:
        customer = get_customer(customer_id)
        consent = {"sms": said == "started"}
        update_customer(Actor.system(tenant_id), customer.id, version=customer.version, consent=consent)
