"""Ending a conversation with a question. Who is on the telephone is passed on to it by the agent; who wrote by chat or by mail gets a link
to it, once, before the conversation ends.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from callcart.contact.conversations import public as conversations
from callcart.contact.messaging import public as messaging
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.errors import AppError, Conflict
from callcart.core.tenancy import tenant_transaction
from callcart.engage.survey.asking import ask, may_pass_on, token_of
from callcart.engage.survey.models import Rule


class NoSurvey(Conflict):
    """The queue of this call asks no survey."""

    code = "survey.none"


_BY_RULE = {"chat": "chats", "mail": "mails"}


def pass_on(actor: Actor, conversation_id: UUID) -> None:
    """End one's own talk, and let the caller answer the queue's survey. Raises NoSurvey, NotFound, NoSuchTalk, PermissionDenied."""
    talk = conversations.get_conversation(conversation_id, actor)
    if not may_pass_on(talk.queue_id):
        raise NoSurvey
    voice.request_survey(actor, conversation_id)


def finish(
    actor: Actor, conversation_id: UUID, *, address: Callable[[str], str], seen: int | None = None
) -> bool:
    """End it as `messaging.finish` does, and ask the customer where the queue's rule says so; whether it did. `address` makes the whole
    address of a token. Outside of the request's transaction. Raises as `messaging.finish`; an asking that cannot be sent keeps nobody
    from ending."""
    with tenant_transaction(actor.tenant_id):
        asks = _asks(actor, conversation_id)
    asked = False
    if asks:
        try:
            with tenant_transaction(actor.tenant_id):
                asked = _send(actor, conversation_id, address)
        except AppError:
            asked = False
    messaging.finish(actor, conversation_id, seen=seen)
    return asked


def _asks(actor: Actor, conversation_id: UUID) -> bool:
    talk = conversations.get_conversation(conversation_id, actor)
    name = _BY_RULE.get(talk.channel)
    if name is None or talk.queue_id is None or talk.answered_at is None:
        return False
    return Rule.objects.filter(queue_id=talk.queue_id, survey__is_active=True, **{name: True}).exists()


def _send(actor: Actor, conversation_id: UUID, address: Callable[[str], str]) -> bool:
    asked = ask(conversation_id)
    if asked is None:
        return False
    with override(asked.language):
        text = _("How did we do? Tell us with a few clicks: %(link)s") % {"link": address(token_of(asked))}
    # The asking's own id is the message's: sent twice, it is sent once.
    messaging.reply(actor, conversation_id, messaging.Words(text), message_id=asked.id)
    return True
