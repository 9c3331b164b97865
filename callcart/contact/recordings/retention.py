"""How long recordings are kept: rules by queue, channel and disposition. The rule with most conditions that fit decides, of two the
one that keeps longer; without a rule that fits a recording is kept for ever. Each row carries the moment it is due.

Nothing is deleted within a day after its rule was made or changed: a mistake can be undone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Channel
from callcart.contact.recordings.models import RetentionRule, Sound
from callcart.core import audit, clock, jobs
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Conflict, Invalid
from callcart.core.versions import seen_row

GRACE = timedelta(days=1)
PORTION = 1000
MOST_DAYS = 36_500
MOST_RULES = 100
_SET_DUE = """
UPDATE recordings_sound AS s SET due_at = r.due_at
  FROM json_to_recordset(%s::json) AS r (id uuid, due_at timestamptz) WHERE s.recording_id = r.id AND s.deleted_at IS NULL"""


class RuleChanged(Conflict):
    """Somebody else changed this rule in the meantime. Look at it again, then repeat your change."""

    code = "recordings.rule_changed"


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule to be. What is empty fits all."""

    days: int
    queue_id: UUID | None = None
    channel: str = ""
    disposition_id: UUID | None = None


def rules() -> list[RetentionRule]:
    """The shop's rules, those with most conditions first."""
    return sorted(RetentionRule.objects.all(), key=lambda rule: (-_conditions(rule), -rule.days, rule.id))


def rule_for(sound: Sound, among: Sequence[RetentionRule]) -> RetentionRule | None:
    """The rule that decides about a recording, of `rules()`."""
    return next((rule for rule in among if _fits(rule, sound)), None)


def due_of(sound: Sound, among: Sequence[RetentionRule]) -> datetime | None:
    """When a recording is to be deleted; None for never."""
    rule = rule_for(sound, among)
    if rule is None:
        return None
    return max(sound.started_at + timedelta(days=rule.days), rule.changed_at + GRACE)


def save_rule(
    actor: Actor, draft: RuleDraft, *, rule_id: UUID | None = None, version: int = 0
) -> RetentionRule:
    """Add a rule, or change the one seen in this version. Raises Invalid (days, channel, rule), NotFound, RuleChanged,
    PermissionDenied."""
    actor.require("recordings.retention")
    _check(draft, adding=rule_id is None)
    row = RetentionRule() if rule_id is None else _seen(rule_id, version)
    before = {} if rule_id is None else _audited(row)
    row.days, row.queue_id = draft.days, draft.queue_id
    row.channel, row.disposition_id = draft.channel, draft.disposition_id
    row.changed_at = clock.now()
    row.version += 1 if rule_id else 0
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "recordings_rule_once" not in str(error):
            raise
        raise Invalid(fields={"rule": _("There is a rule for exactly this already.")}) from None
    audit.record(actor, "recordings.retention", subject=("rule", row.id), before=before, after=_audited(row))
    jobs.defer(apply_rules)
    return row


def remove_rule(actor: Actor, rule_id: UUID, *, version: int) -> None:
    """Take a rule away; others that fit decide from then on. Raises NotFound, RuleChanged, PermissionDenied."""
    actor.require("recordings.retention")
    row = _seen(rule_id, version)
    audit.record(actor, "recordings.retention", subject=("rule", rule_id), before=_audited(row))
    row.delete()
    # What falls to another rule by this is new under it: the day to undo it runs for that rule too.
    RetentionRule.objects.update(changed_at=clock.now())
    jobs.defer(apply_rules)


@jobs.job(queue="recordings", retry=5)
def apply_rules(*, after: str = "") -> None:
    """Say for a portion of recordings when they are due now; a job goes on where there are more. Twice does no harm."""
    among = rules()
    rows = Sound.objects.filter(deleted_at=None).defer("peaks_left", "peaks_right").order_by("recording_id")
    portion = list((rows.filter(recording_id__gt=UUID(after)) if after else rows)[:PORTION])
    changed: list[dict[str, Any]] = []
    for sound in portion:
        if (due := due_of(sound, among)) != sound.due_at:
            changed.append({"id": str(sound.recording_id), "due_at": due and due.isoformat()})
    if changed:
        raw.run(_SET_DUE, (json.dumps(changed),))
    if len(portion) == PORTION:
        jobs.defer(apply_rules, after=str(portion[-1].recording_id))


def _conditions(rule: RetentionRule) -> int:
    return sum(map(bool, (rule.queue_id, rule.channel, rule.disposition_id)))


def _fits(rule: RetentionRule, sound: Sound) -> bool:
    return (
        rule.queue_id in (None, sound.queue_id)
        and rule.channel in ("", sound.channel)
        and rule.disposition_id in (None, sound.disposition_id)
    )


def _check(draft: RuleDraft, *, adding: bool) -> None:
    wrong = {}
    if not 1 <= draft.days <= MOST_DAYS:
        wrong["days"] = _("From 1 to %(most)s days, please.") % {"most": f"{MOST_DAYS:,}"}
    if draft.channel and draft.channel not in Channel.values:
        wrong["channel"] = _("Choose a channel that exists.")
    if adding and RetentionRule.objects.count() >= MOST_RULES:
        wrong["rule"] = _("There are too many rules already. Take one away first.")
    if wrong:
        raise Invalid(fields=wrong)


def _seen(rule_id: UUID, version: int) -> RetentionRule:
    return seen_row(RetentionRule.objects.select_for_update(), rule_id, version, stale=RuleChanged)


def _audited(row: RetentionRule) -> dict[str, Any]:
    return {
        "days": row.days,
        "queue_id": row.queue_id,
        "channel": row.channel,
        "disposition_id": row.disposition_id,
    }
