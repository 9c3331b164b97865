"""Setting up: queues, profiles, skills, pause reasons, agents, lanes. Called in the request's transaction; what it changes
in matching holds from its commit on, also for agents at work and customers waiting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from callcart.contact.routing.calls import look_again
from callcart.contact.routing.models import (
    CHAT_BLOCKS,
    VOICE_BLOCKS,
    PauseReason,
    Profile,
    ProfileQueue,
    Queue,
    Skill,
)
from callcart.contact.routing.states import RoutingChannel
from callcart.contact.routing.timers import sweep
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Invalid, NotFound
from callcart.people.customers.public import Tier

_LIMITS: dict[str, tuple[int, int]] = {
    "priority": (0, 900),
    "ring_s": (1, 300),
    "wrap_s": (0, 3600),
    "relax_s": (0, 86_400),
    "sticky_s": (0, 3600),
    "target_s": (1, 3600),
    "overflow_s": (1, 86_400),
    "level_s": (1, 86_400),
    "urgent_s": (1, 86_400),
    "urgent_written_s": (1, 2_592_000),
    "max_wait_s": (10, 86_400),
    "max_waiting": (1, 10_000),
}
_MAY_BE_NONE = (
    "relax_s",
    "overflow_s",
    "level_s",
    "urgent_s",
    "urgent_written_s",
    "max_wait_s",
    "max_waiting",
)
_MOST_BOOST = 900
_CAPACITY = {"voice": 1, "chat": 20, "mail": 100, "sms": 20}
_CAPS = ("cap_voice", "cap_chat", "cap_mail", "cap_sms", "blocks")
Named = TypeVar("Named", Skill, PauseReason)
_TEXTS = ("name", "name_zh", "is_active")


def add_queue(actor: Actor, code: str, *, name: str, name_zh: str = "", **settings: Any) -> Queue:
    """Add a queue, or bring the one with this code up to date. Settings: priority (0–900), and seconds ring_s, wrap_s,
    relax_s (None: never), sticky_s, target_s, overflow_s, level_s, urgent_s, urgent_written_s, max_wait_s, the number max_waiting, and
    tier_boost (points by tier). Raises Invalid."""
    actor.require("routing.setup")
    queue = Queue.objects.filter(code=code).first() or Queue(code=code.strip())
    return _write_queue(actor, queue, {"name": name, "name_zh": name_zh, "is_active": True, **settings})


def update_queue(actor: Actor, queue_id: UUID, **changes: Any) -> Queue:
    """Change a queue's names or settings. Times hold for offers made from now on. Raises Invalid, NotFound."""
    actor.require("routing.setup")
    queue = Queue.objects.filter(id=queue_id).first()
    if queue is None:
        raise NotFound
    return _write_queue(actor, queue, changes)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many conversations of a channel an agent has at once, offers included, and what keeps others away: during a call no written
    ones, during a chat no calls."""

    voice: int = 1
    chat: int = 3
    mail: int = 5
    sms: int = 3
    call_blocks: bool = True
    chat_blocks_calls: bool = True

    @classmethod
    def of(cls, profile: Profile) -> Capacity:
        return cls(
            voice=profile.cap_voice,
            chat=profile.cap_chat,
            mail=profile.cap_mail,
            sms=profile.cap_sms,
            call_blocks=bool(profile.blocks & VOICE_BLOCKS & ~1),
            chat_blocks_calls=bool(profile.blocks >> 4 & CHAT_BLOCKS),
        )

    @property
    def blocks(self) -> int:
        return (VOICE_BLOCKS if self.call_blocks else 1) | (CHAT_BLOCKS if self.chat_blocks_calls else 0) << 4

    def wrong(self) -> dict[str, str]:
        """What is out of bounds, by field."""
        return {
            f"cap_{name}": _("From %(low)s to %(high)s.") % {"low": 0, "high": most}
            for name, most in _CAPACITY.items()
            if not 0 <= getattr(self, name) <= most
        }


def save_profile(
    actor: Actor,
    code: str,
    *,
    name: str,
    name_zh: str = "",
    queues: Mapping[UUID, int],
    capacity: Capacity | None = None,
) -> Profile:
    """Add or change a profile: which queues its agents serve, at which level (1 is asked first), and how much each has at once (None: as
    it is). With effect at once; what agents have already they keep. Raises Invalid."""
    actor.require("routing.setup")
    if not code.strip() or not name.strip():
        raise Invalid(fields={"name": _("Give it a name.")})
    if any(not 1 <= level <= 9 for level in queues.values()):
        raise Invalid(fields={"queues": _("Levels go from 1 to 9.")})
    if Queue.objects.filter(id__in=queues).count() != len(queues):
        raise Invalid(fields={"queues": _("One of these queues does not exist.")})
    profile = Profile.objects.filter(code=code).first() or Profile(code=code.strip())
    profile.name, profile.name_zh = name.strip(), name_zh.strip()
    if capacity is not None:
        if capacity.wrong():
            raise Invalid(fields=capacity.wrong())
        profile.cap_voice, profile.cap_chat = capacity.voice, capacity.chat
        profile.cap_mail, profile.cap_sms = capacity.mail, capacity.sms
        profile.blocks = capacity.blocks
    profile.save()
    before = {str(serves.queue_id): serves.level for serves in profile.serves.all()}
    profile.serves.all().delete()
    ProfileQueue.objects.bulk_create(
        [ProfileQueue(profile=profile, queue_id=queue_id, level=level) for queue_id, level in queues.items()]
    )
    raw.value("SELECT acd_rebuild(%s::int)", (actor.tenant_id,))
    caps = {name: getattr(profile, name) for name in _CAPS}
    Profile.objects.filter(lent_from=profile).update(**caps)
    for each in (profile.id, *Profile.objects.filter(lent_from=profile).values_list("id", flat=True)):
        raw.value("SELECT acd_set_capacity(%s::uuid)", (each,))
    after: dict[str, Any] = {str(queue_id): level for queue_id, level in queues.items()}
    if capacity is not None:
        after["capacity"] = asdict(capacity)
    audit.record(actor, "routing.setup", subject=("profile", profile.id), before=before, after=after)
    transaction.on_commit(lambda: sweep(actor.tenant_id))
    return profile


def set_agent_profile(
    actor: Actor, staff_id: UUID, *, profile_id: UUID, skills: Collection[str] = ()
) -> None:
    """Make a staff member an agent of a profile with these skills (codes), or move him; with effect at once. A new agent
    starts offline. Raises NotFound, Invalid."""
    actor.require("routing.setup")
    if not Profile.objects.filter(id=profile_id).exists():
        raise NotFound
    wanted = sorted(set(skills))
    unknown = set(wanted) - set(Skill.objects.filter(code__in=wanted).values_list("code", flat=True))
    if unknown:
        raise Invalid(fields={"skills": _("Unknown: %(codes)s") % {"codes": ", ".join(sorted(unknown))}})
    agent_id = raw.value(
        "SELECT acd_set_agent(%s::int, %s::uuid, %s::uuid, %s::text[])",
        (actor.tenant_id, staff_id, _lent_or(actor.tenant_id, staff_id, profile_id), wanted),
    )
    audit.record(
        actor,
        "routing.setup",
        subject=("staff", staff_id),
        after={"profile_id": profile_id, "skills": wanted},
    )
    transaction.on_commit(lambda: _use(actor.tenant_id, int(agent_id)))


def _lent_or(tenant_id: int, staff_id: UUID, profile_id: UUID) -> UUID:
    """The group to put him into: the copy of it in which he serves other queues for a while, where he is in that."""
    raw.value(
        "SELECT pg_advisory_xact_lock(7101, %s::int)", (tenant_id,)
    )  # as acd_lend, which may end it now
    lent = Profile.objects.filter(lent_from=profile_id, crews__agents__staff_id=staff_id).first()
    return profile_id if lent is None else lent.id


def ensure_lane(
    tenant_id: int, queue_id: UUID, *, channel: str = "voice", skills: Collection[str] = ()
) -> int:
    """The lane of a need, made ahead of the first conversation that has it (enqueuing makes it too)."""
    return int(
        raw.value(
            "SELECT acd_lane(%s::int, %s::uuid, %s::smallint, %s::text[], 9::smallint)",
            (tenant_id, queue_id, RoutingChannel(channel).number, sorted(set(skills))),
        )
    )


def save_skill(actor: Actor, code: str, *, name: str, name_zh: str = "") -> Skill:
    """Add or rename a skill."""
    return _save_named(actor, Skill, code, name=name.strip(), name_zh=name_zh.strip())


def save_pause_reason(
    actor: Actor, code: str, *, name: str, name_zh: str = "", position: int = 0
) -> PauseReason:
    """Add or change a reason to pause."""
    return _save_named(
        actor,
        PauseReason,
        code,
        name=name.strip(),
        name_zh=name_zh.strip(),
        position=position,
        is_active=True,
    )


def _save_named(actor: Actor, model: type[Named], code: str, **values: Any) -> Named:
    actor.require("routing.setup")
    if not code.strip() or not values["name"]:
        raise Invalid(fields={"name": _("Give it a name.")})
    found, _made = model._default_manager.update_or_create(code=code.strip(), defaults=values)
    audit.record(actor, "routing.setup", subject=(model.__name__.lower(), found.pk), after=values)
    return found


def _write_queue(actor: Actor, queue: Queue, changes: Mapping[str, Any]) -> Queue:
    wrong: dict[str, str] = {}
    before: dict[str, Any] = {}
    for name, value in changes.items():
        if name in _LIMITS:
            low, high = _LIMITS[name]
            if not (value is None and name in _MAY_BE_NONE) and not (
                isinstance(value, int) and low <= value <= high
            ):
                wrong[name] = _("From %(low)s to %(high)s.") % {"low": low, "high": high}
                continue
        elif name == "tier_boost":
            problem = _wrong_boost(value)
            if problem:
                wrong[name] = problem
                continue
            value = {tier: points for tier, points in value.items() if points}
        elif name == "overflow_queue_id":
            if value is not None and (value == queue.id or not Queue.objects.filter(id=value).exists()):
                wrong["overflow_queue"] = _("Choose another queue.")
                continue
        elif name not in _TEXTS:
            raise TypeError(f"a queue has no {name}")
        before[name] = getattr(queue, name)
        setattr(queue, name, value.strip() if isinstance(value, str) else value)
    if not queue.name or not queue.code:
        wrong["name"] = _("Give it a name.")
    if wrong:
        raise Invalid(fields=wrong)
    queue.save()
    audit.record(actor, "routing.setup", subject=("queue", queue.id), before=before, after=dict(changes))
    events.emit("queue.changed", subject=("queue", queue.id), audience="board", data={"queue_id": queue.id})
    return queue


def _wrong_boost(boost: Mapping[str, Any]) -> str:
    """What is wrong with the priority that tiers add."""
    if set(boost) - {str(tier) for tier in Tier} or not all(
        type(points) is int and 0 <= points <= _MOST_BOOST for points in boost.values()
    ):
        return _("From %(low)s to %(high)s.") % {"low": 0, "high": _MOST_BOOST}
    return ""


def _use(tenant_id: int, agent_id: int) -> None:
    look_again(tenant_id, free=[agent_id])
