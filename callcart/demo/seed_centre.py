"""What the call centre of a demo shop does besides answering: calls back, takes messages, asks afterwards, calls out. The shop is open round the
clock, so that whoever tries it is answered; its wholesale desk keeps office hours.

Made after the trade, with no dice: what waits is a message, somebody to be called back today, an agent's word, and what customers said.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from callcart.contact.callbacks import public as callbacks
from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.public import PastTalk, record_past
from callcart.contact.hours.public import set_queue_hours
from callcart.contact.routing import public as routing
from callcart.contact.voice.jobs import file_of
from callcart.contact.voice.speech.prompts import speak_to
from callcart.contact.voice.speech.speaker import NotSpoken
from callcart.contact.voicemail import public as voicemail
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.demo.data import centre
from callcart.demo.data.staff import STAFF
from callcart.engage.survey import public as survey
from callcart.engage.survey.models import Answer, Asked
from callcart.people.customers.models import Phone
from callcart.people.staff.public import actor_of, get_staff, staff_by_email
from callcart.people.tenants.public import Tenant, add_service_number, list_service_numbers, update_tenant

GIVES_UP = 60  # seconds; who waits longer and hangs up is called back
AT_WHOLESALE = 20
LONGEST_WAIT = 900
SERVE_WHOLESALE = ("ben", "super")


def seed_centre(actor: Actor, tenant: Tenant) -> None:
    """Once the shop has traded."""
    main = [queue.id for queue in routing.queues()]
    first = next(iter(list_service_numbers(tenant.id))).number
    update_tenant(actor, settings={"dial_prefixes": centre.PREFIXES[tenant.slug], "dial_shows": first})
    wholesale = _wholesale(actor, tenant, main)
    for queue_id in (*main, wholesale):
        _rules(actor, queue_id, is_wholesale=queue_id == wholesale)
    _survey(actor, tenant, main, wholesale)
    _owed(actor, tenant, wholesale)
    _message(actor, tenant, wholesale)


def _wholesale(actor: Actor, tenant: Tenant, main: list[UUID]) -> UUID:
    """A queue with hours and a number of its own, which some of the agents serve besides the others."""
    code, name, name_zh = centre.WHOLESALE
    queue = routing.add_queue(actor, code, name=name, name_zh=name_zh, priority=100, max_wait_s=LONGEST_WAIT)
    set_queue_hours(actor, queue.id, week=centre.OFFICE_HOURS)
    number = centre.WHOLESALE_NUMBERS[tenant.slug]
    add_service_number(actor, number, name=name, name_zh="企业采购专线", queue_id=queue.id)
    profile = routing.save_profile(
        actor, "with_wholesale", name="All queues and wholesale", name_zh="全部技能组及企业采购",
        queues=dict.fromkeys((*main, queue.id), 1),
    )  # fmt: skip
    for row in STAFF[tenant.slug]:
        who = staff_by_email(f"{row.login}@{tenant.slug}.example") if row.login in SERVE_WHOLESALE else None
        if who is not None:
            skills = [f"lang:{language}" for language, _level in row.languages]
            routing.set_agent_profile(actor, who.id, profile_id=profile.id, skills=skills)
    return queue.id


def _rules(actor: Actor, queue_id: UUID, *, is_wholesale: bool) -> None:
    rule, occasion, instead = routing.Rule, routing.Occasion, routing.Instead
    rules = {occasion.CLOSED: rule(instead.VOICEMAIL), occasion.LATE: rule(instead.CALLBACK)}
    if is_wholesale:
        rules |= {occasion.NOBODY: rule(instead.VOICEMAIL), occasion.FULL: rule(instead.CALLBACK)}
        box = voicemail.BoxDraft(text=centre.AFTER_HOURS["en"], text_zh=centre.AFTER_HOURS["zh-hans"])
        voicemail.save_box(actor, queue_id, box, version=0)
    routing.set_rules(actor, queue_id, rules)
    after = AT_WHOLESALE if is_wholesale else GIVES_UP
    callbacks.save_rules(actor, queue_id, callbacks.Rules(offered=True, missed=True, abandoned_s=after))


def _survey(actor: Actor, tenant: Tenant, main: list[UUID], wholesale: UUID) -> None:
    """Agents pass callers on to it; wholesale customers are asked after every call. Some have answered already."""
    name, name_zh = centre.SURVEY
    made = survey.save_survey(actor, survey.SurveyDraft(name, name_zh, centre.QUESTIONS))
    for queue_id in (*main, wholesale):
        calls = survey.AfterCall.ALWAYS if queue_id == wholesale else survey.AfterCall.ASKED
        survey.save_rule(actor, queue_id, survey.RuleDraft(made.id, calls=calls, chats=True), version=0)
    said = centre.SAID[tenant.slug]
    talks = Conversation.objects.filter(answered_at__isnull=False, ended_at__isnull=False).order_by(
        "-ended_at", "-id"
    )
    for place, (talk, scores) in enumerate(zip(talks[: len(centre.SCORES)], centre.SCORES, strict=False)):
        asked = survey.ask(talk.id, survey_id=made.id)
        if asked is None:
            continue
        for question, score in enumerate(scores):
            survey.answer(asked.id, place=question, score=score)
        if place in said:
            survey.say_more(asked.id, said[place])
        _then(talk, asked.id)


def _then(talk: Conversation, asked_id: UUID) -> None:
    """It was said when that talk was over, not as the shop was made."""
    moment = (talk.ended_at or now()) + timedelta(seconds=40)
    Asked.objects.filter(id=asked_id).update(asked_at=moment, answered_at=moment)
    Answer.objects.filter(asked_id=asked_id).update(at=moment)
    Step.objects.filter(conversation_id=talk.id, kind__startswith="survey.").update(at=moment)


def _owed(actor: Actor, tenant: Tenant, wholesale: UUID) -> None:
    """Somebody asked on the web to be called later today, and an agent has given his word."""
    numbers = Phone.objects.filter(is_primary=True).order_by("created_at", "id")
    phones = [phone for phone in numbers[:20] if phone.e164.startswith(tuple(centre.PREFIXES[tenant.slug]))]
    if len(phones) < 2:
        return
    callbacks.ask(
        actor, callbacks.Wanted(
            phones[-1].e164, queue_id=wholesale, source=callbacks.Source.WEB, language=tenant.language,
            customer_id=phones[-1].customer_id, note=centre.WISH[tenant.slug], at=now() + timedelta(hours=3),
        ),
    )  # fmt: skip
    agent = staff_by_email(f"ben@{tenant.slug}.example")
    if agent is not None:
        callbacks.promise(
            actor_of(get_staff(agent.id)), phones[-2].e164, at=now() + timedelta(hours=2), customer_id=phones[-2].customer_id,
            language=tenant.language, note=centre.WORD[tenant.slug],
        )  # fmt: skip


def _message(actor: Actor, tenant: Tenant, wholesale: UUID) -> None:
    """Somebody has called out of hours and left a message: spoken here, kept by the worker as every message is. Without a voice there is none."""
    caller = Phone.objects.filter(is_primary=True).order_by("created_at", "id")[8:9].first()
    began = now() - timedelta(minutes=50)
    call = record_past(
        actor,
        PastTalk(
            started_at=began, ended_at=began + timedelta(seconds=55), language=tenant.language, queue_id=wholesale,
            service_number=centre.WHOLESALE_NUMBERS[tenant.slug], caller_e164=caller.e164 if caller else "",
            customer_id=caller.customer_id if caller else None,
        ),
    )  # fmt: skip
    taking = voicemail.begin(call.id, language=tenant.language, queue_id=wholesale)
    if taking is None:
        return
    path = file_of(taking.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(NotSpoken):
        speak_to(path, centre.MESSAGE[tenant.slug], tenant.language)
    voicemail.ended(call.id)
