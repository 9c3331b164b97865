"""Tables of routing: queues and who serves them, agents with their load, tickets of waiting conversations, offers.

A *crew* is a distinct (profile, skills) of agents; a *lane* a distinct (queue, channel, needed skills, level limit) of
tickets; `LaneCrew` says who may serve what, computed ahead, so that matching probes one index head per lane or crew.
Rows here are changed by functions.sql only (and by the set-up verbs). Storage settings are at the end of functions.sql.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from callcart.contact.routing.queue_models import Queue as Queue
from callcart.contact.routing.queue_models import QueueRule as QueueRule
from callcart.contact.routing.states import AgentState, OfferState, Shown, TicketState
from callcart.core import ids
from callcart.core.language import Named
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel

VOICE_BLOCKS = 0b1111
CHAT_BLOCKS = 0b0001
DEFAULT_BLOCKS = VOICE_BLOCKS | CHAT_BLOCKS << 4
_LOADS = ("load_voice", "load_chat", "load_mail", "load_sms")


class Skill(TenantModel):
    """Something a conversation may need and an agent may have. Languages are `lang:en`, `lang:zh-hans`."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="routing_skill_code")]


class PauseReason(TenantModel):
    """Why an agent is paused, in the tenant's words, in the order of its keys."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    position = models.SmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="routing_pause_code")]


class Profile(Named, TenantModel):
    """A group of agents who serve the same queues, each with so many conversations of a channel at once."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    cap_voice = models.SmallIntegerField(default=1, db_default=1)
    cap_chat = models.SmallIntegerField(default=3, db_default=3)
    cap_mail = models.SmallIntegerField(default=5, db_default=5)
    cap_sms = models.SmallIntegerField(default=3, db_default=3)
    blocks = models.IntegerField(default=DEFAULT_BLOCKS, db_default=DEFAULT_BLOCKS, help_text="as of agents")
    lent_from = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="made by `acd_lend` for agents of that group who serve other queues for a while; in no list",
    )  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="routing_profile_code")]


class ProfileQueue(TenantModel):
    """A profile serves a queue; level 1 is asked before level 2, and so on."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="serves", db_index=False)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="served_by")
    level = models.SmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "queue"], name="routing_profile_queue"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=9), name="routing_profile_level"),
        ]


class Crew(TenantModel):
    """A distinct profile and set of skills (sorted)."""

    id = models.AutoField(primary_key=True)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="crews", db_index=False)
    skills = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "skills"], name="routing_crew_once")]


class Lane(TenantModel):
    """A distinct queue, channel, set of needed skills (sorted), highest level asked, and queue whose agents are asked too."""

    id = models.BigAutoField(primary_key=True)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="lanes", db_index=False)
    channel = models.SmallIntegerField(default=0)
    need = ArrayField(models.TextField(), default=list)
    max_level = models.SmallIntegerField(default=9)
    also_queue = models.ForeignKey(
        Queue, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "channel", "need", "max_level", "also_queue"],
                nulls_distinct=False,
                name="routing_lane_once",
            )
        ]


class LaneCrew(TenantModel):
    """This crew may serve this lane; kept by `acd_rebuild`."""

    id = models.BigAutoField(primary_key=True)
    lane_id = models.BigIntegerField()
    crew_id = models.IntegerField()
    channel = models.SmallIntegerField()
    level = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane_id", "crew_id"], name="routing_lanecrew_once")]
        indexes = [
            models.Index(fields=["crew_id", "lane_id"], include=["channel"], name="routing_lanecrew_crew")
        ]


def _takes(channel: int) -> models.GeneratedField:
    """Whether the agent has room for one more on a channel: ready, not wrapping up, below capacity, and no active
    channel blocks it (`blocks`: four bits for each active channel)."""
    load, cap = _LOADS[channel], _LOADS[channel].replace("load", "cap")
    blocked = " OR ".join(
        f"({other} > 0 AND blocks & {1 << (4 * index + channel)} <> 0)" for index, other in enumerate(_LOADS)
    )
    expression = f"state = 'ready' AND wrap_until IS NULL AND {load} < {cap} AND NOT ({blocked})"
    return models.GeneratedField(
        expression=RawSQL(expression, ()),  # noqa: S611  (constants of this module)
        output_field=models.BooleanField(),
        db_persist=True,
    )


class Agent(TenantModel):
    """A staff member who takes conversations: his state, his load (offers included), and what he has room for."""

    id = models.AutoField(primary_key=True)
    staff_id = models.UUIDField(unique=True)
    crew = models.ForeignKey(Crew, on_delete=models.PROTECT, related_name="agents", db_index=False)
    state = models.TextField(default=AgentState.OFFLINE, db_default=AgentState.OFFLINE)
    reason = models.TextField(default="", db_default="", blank=True)
    ringing = models.SmallIntegerField(default=0, db_default=0, help_text="live offers")
    load_voice = models.SmallIntegerField(default=0, db_default=0)
    load_chat = models.SmallIntegerField(default=0, db_default=0)
    load_mail = models.SmallIntegerField(default=0, db_default=0)
    load_sms = models.SmallIntegerField(default=0, db_default=0)
    cap_voice = models.SmallIntegerField(default=1, db_default=1)
    cap_chat = models.SmallIntegerField(default=3, db_default=3)
    cap_mail = models.SmallIntegerField(default=5, db_default=5)
    cap_sms = models.SmallIntegerField(default=3, db_default=3)
    blocks = models.IntegerField(default=DEFAULT_BLOCKS, db_default=DEFAULT_BLOCKS)
    wrap_until = models.DateTimeField(null=True)
    wrap_conversation_id = models.UUIDField(null=True)
    free_since = models.DateTimeField(db_default=ClockTimestamp())
    shown = models.TextField(default=Shown.OFFLINE, db_default=Shown.OFFLINE)
    shown_since = models.DateTimeField(db_default=ClockTimestamp())
    takes_voice = _takes(0)
    takes_chat = _takes(1)
    takes_mail = _takes(2)
    takes_sms = _takes(3)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in AgentState]), name="routing_agent_state"
            ),
            models.CheckConstraint(
                condition=Q(
                    ringing__gte=0, load_voice__gte=0, load_chat__gte=0, load_mail__gte=0, load_sms__gte=0
                ),
                name="routing_agent_load",
            ),
        ]
        indexes = [
            models.Index(
                fields=["crew", "free_since", "id"], condition=Q(takes_voice=True), name="routing_agent_voice"
            ),
            models.Index(
                fields=["crew", "load_chat", "free_since", "id"],
                condition=Q(takes_chat=True),
                name="routing_agent_chat",
            ),
            models.Index(
                fields=["crew", "load_mail", "free_since", "id"],
                condition=Q(takes_mail=True),
                name="routing_agent_mail",
            ),
            models.Index(
                fields=["crew", "load_sms", "free_since", "id"],
                condition=Q(takes_sms=True),
                name="routing_agent_sms",
            ),
            models.Index(
                fields=["crew"], condition=~Q(state=AgentState.OFFLINE), name="routing_agent_at_work"
            ),
            models.Index(
                fields=["wrap_until"], condition=Q(wrap_until__isnull=False), name="routing_agent_wrap"
            ),
        ]


class Presence(TenantModel):
    """When an agent's desk was last seen. Apart from the agent's row: a heartbeat must not touch what matching locks."""

    agent_id = models.IntegerField(primary_key=True)
    seen_at = models.DateTimeField(db_default=ClockTimestamp())


class AgentHistory(TenantModel):
    """A finished stretch of time an agent spent in one state. The present one is `Agent.shown`, `Agent.shown_since`."""

    id = models.BigAutoField(primary_key=True)
    staff_id = models.UUIDField()
    state = models.TextField()
    reason = models.TextField(default="", db_default="", blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "ended_at"], name="routing_history_time"),
            models.Index(fields=["staff_id", "started_at"], name="routing_history_agent"),
        ]


class Ticket(TenantModel):
    """A conversation's place in routing, from enqueue to the end of the talk; gone after it. `position` is
    (900 - priority) * 10^16 + microseconds of arrival; it changes once at most, when age counts more than priority. A negative lane is one agent's own: -(agent * 4 + channel)."""

    conversation_id = models.UUIDField(primary_key=True)
    queue_id = models.UUIDField()
    channel = models.SmallIntegerField(default=0)
    state = models.TextField(default=TicketState.WAITING)
    lane_id = models.BigIntegerField()
    position = models.BigIntegerField()
    enqueued_at = models.DateTimeField(db_default=ClockTimestamp())
    agent_id = models.IntegerField(null=True)
    helper_id = models.IntegerField(null=True, help_text="second agent, asked by the first one")
    offers = models.IntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    steps = models.JSONField(null=True, help_text="moves to other lanes still to come: [{after, lane}]")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in TicketState]), name="routing_ticket_state"
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.WAITING, agent_id__isnull=True)
                | (~Q(state=TicketState.WAITING) & Q(agent_id__isnull=False)),
                name="routing_ticket_agent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lane_id", "position", "conversation_id"],
                condition=Q(state=TicketState.WAITING),
                name="routing_ticket_wait",
            ),
            models.Index(
                fields=["next_at"],
                condition=Q(state=TicketState.WAITING, next_at__isnull=False),
                name="routing_ticket_due",
            ),
            models.Index(
                fields=["agent_id"], condition=Q(agent_id__isnull=False), name="routing_ticket_agent_idx"
            ),
            models.Index(
                fields=["helper_id"], condition=Q(helper_id__isnull=False), name="routing_ticket_helper_idx"
            ),
        ]


class Offer(TenantModel):
    """One conversation offered to one agent, once; kept for ever. Two live ones of a conversation, or of an agent's
    voice, cannot exist."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation_id = models.UUIDField()
    agent_id = models.IntegerField()
    staff_id = models.UUIDField()
    queue_id = models.UUIDField()
    channel = models.SmallIntegerField()
    state = models.TextField(default=OfferState.LIVE, db_default=OfferState.LIVE)
    enqueued_at = models.DateTimeField()
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    purpose = models.TextField(
        default="serve", db_default="serve", help_text="serve, or consult: asked by a colleague"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in OfferState]), name="routing_offer_state"
            ),
            models.CheckConstraint(
                condition=Q(state=OfferState.LIVE, ended_at__isnull=True)
                | (~Q(state=OfferState.LIVE) & Q(ended_at__isnull=False)),
                name="routing_offer_ended",
            ),
            models.UniqueConstraint(
                fields=["conversation_id"], condition=Q(state=OfferState.LIVE), name="routing_offer_live_once"
            ),
            models.UniqueConstraint(
                fields=["agent_id"],
                condition=Q(state=OfferState.LIVE, channel=0),
                name="routing_offer_voice_once",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state=OfferState.LIVE), name="routing_offer_due"),
            models.Index(fields=["conversation_id"], name="routing_offer_conversation"),
            models.Index(
                fields=["queue_id", "-ended_at"],
                condition=Q(state=OfferState.ACCEPTED),
                name="routing_offer_answers",
            ),
        ]
