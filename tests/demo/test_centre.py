"""The call centre of the demo shops: everything that can be set up is, and what waits is alive."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from callcart.contact.callbacks import public as callbacks
from callcart.contact.conversations.public import get_conversation
from callcart.contact.hours.public import calendar_of
from callcart.contact.routing import public as routing
from callcart.contact.voice.jobs import file_of
from callcart.contact.voice.outbound import look
from callcart.contact.voice.waves import read_track
from callcart.contact.voicemail import public as voicemail
from callcart.contact.voicemail.models import Voicemail
from callcart.contact.voicemail.sounding import says_something
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.engage.survey import public as survey
from callcart.engage.survey.models import Asked
from callcart.people.tenants.models import Tenant

OWN = {"harbor": "(212) 555-0142", "qinghe": "13800138000"}
ABROAD = "+447700900123"


@pytest.mark.parametrize("slug", ["harbor", "qinghe"])
def test_a_newcomer_finds_all_of_it(demo_db: str, slug: str) -> None:
    tenant = Tenant.objects.get(slug=slug)
    with tenant_transaction(tenant.id):
        actor = Actor.system(tenant.id)
        queues = {queue.code: queue.id for queue in routing.queues()}
        assert set(queues) == {"orders", "aftersales", "wholesale"}
        assert look(actor, OWN[slug]).may_be_called and not look(actor, ABROAD).may_be_called
        rules = callbacks.rules_by_queue(list(queues.values()))
        assert all(each.offered and each.missed and each.abandoned_s for each in rules.values())
        for queue_id in queues.values():
            assert routing.rules_of(queue_id)[routing.Occasion.CLOSED].action is routing.Instead.VOICEMAIL
            assert survey.may_pass_on(queue_id)
        _hours(tenant, queues)
        _what_waits(actor, queues["wholesale"])
        _what_was_said()


def _hours(tenant: Tenant, queues: dict[str, object]) -> None:
    """A shop that is tried at any hour answers; its wholesale desk is closed at night and on Sundays."""
    zone = ZoneInfo(tenant.timezone)
    sunday, monday = datetime(2026, 11, 29, 11, tzinfo=zone), datetime(2026, 11, 30, 11, tzinfo=zone)
    night = datetime(2026, 11, 30, 3, tzinfo=zone)
    for code, open_at in (("orders", (True, True, True)), ("wholesale", (False, True, False))):
        calendar = calendar_of(queues[code])  # type: ignore[arg-type]
        assert tuple(calendar.is_open(at) for at in (sunday, monday, night)) == open_at


def _what_waits(actor: Actor, wholesale: object) -> None:
    asked, word = sorted(callbacks.Callback.objects.all(), key=lambda each: each.owner_id is not None)
    assert (asked.queue_id, asked.owner_id, asked.source, word.source) == (wholesale, None, "web", "personal")
    assert asked.customer_id and asked.note and word.owner_id and word.note
    [message] = Voicemail.objects.all()
    assert message.queue_id == wholesale and message.ended_at is not None
    assert get_conversation(message.call_id, actor).customer_id is not None
    assert says_something(read_track(file_of(message.file_name)))
    assert voicemail.box_of(message.queue_id).text_zh


def _what_was_said() -> None:
    answered = list(Asked.objects.filter(answered_at__isnull=False))
    assert len(answered) == 12 and {each.count for each in answered} == {2}
    assert sum(bool(each.words) for each in answered) == 3
    talks = [get_conversation(each.conversation_id) for each in answered]
    assert all(talk.ended_at and each.answered_at and each.answered_at > talk.ended_at for talk, each in zip(talks, answered, strict=True))  # fmt: skip
