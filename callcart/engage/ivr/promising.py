"""What a flow asks of the business where a caller wants to be called back. In the tenant's transaction; answers are plain JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from callcart.contact.callbacks import public as callbacks
from callcart.contact.conversations import public as conversations
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.way import queue_of_call
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.ids import read_id
from callcart.engage.ivr.walk import CALL_BACK, MAY_CALL_BACK


def _may(facts: CallFacts, about: Mapping[str, str]) -> dict[str, str] | None:
    """Whether this call's queue calls back, and the number it comes from."""
    queue_id = _queue(facts, about)
    if queue_id is None or not callbacks.rules_of(queue_id).offered:
        return None
    return {"number": facts.caller_e164}


def _call_back(facts: CallFacts, about: Mapping[str, str]) -> dict[str, Any]:
    """Promise it, where the number may be called."""
    queue_id = _queue(facts, about)
    talk = conversations.find_conversation(facts.conversation_id)
    if queue_id is None or talk is None:
        return {"refused": "off"}
    asked = callbacks.ask(
        Actor.system(facts.tenant_id, "ivr"),
        callbacks.Wanted(
            number=about["number"], queue_id=queue_id, language=facts.language, customer_id=talk.customer_id,
            source=callbacks.Source.QUEUE if talk.state == "waiting" else callbacks.Source.MENU,
            conversation_id=talk.id, asked_from=facts.caller_e164, shown=facts.service_number,
            since=talk.queued_at or now(),
        ),
    )  # fmt: skip
    return {"promised": True} if asked.callback is not None else {"refused": str(asked.refused)}


def _queue(facts: CallFacts, about: Mapping[str, str]) -> UUID | None:
    """The queue named, else the one it waits in, else where it would wait."""
    named = read_id(about["queue"]) if about.get("queue") else None
    talk = conversations.find_conversation(facts.conversation_id)
    if named is None and talk is not None and talk.state in ("waiting", "offered"):
        return talk.queue_id
    return queue_of_call(facts.tenant_id, facts.conversation_id, facts.language, named)


PROMISES: Mapping[str, Callable[[CallFacts, Mapping[str, str]], Any]] = {
    MAY_CALL_BACK: _may,
    CALL_BACK: _call_back,
}
