"""Comments among colleagues: a note that names some of them (@). Whoever is named is told at once, and it stands in his inbox until he
has opened the conversation.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from callcart.contact.conversations.models import Mention, Note
from callcart.contact.conversations.path import write_note
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.people.staff.models import Staff

MOST_NAMED = 20


def comment(actor: Actor, conversation_id: UUID, *, text: str, named: Collection[UUID] = ()) -> Note:
    """Write a note and tell those who are named in it; naming oneself tells nobody. Raises Invalid (text), NotFound (also for somebody
    who does not work here), PermissionDenied."""
    wanted = set(named) - {actor.id}
    known = set(Staff.objects.filter(id__in=wanted, is_active=True).values_list("id", flat=True))
    if known != wanted or len(wanted) > MOST_NAMED:
        raise NotFound
    note = write_note(actor, conversation_id, text=text)
    Mention.objects.bulk_create(
        [Mention(note=note, conversation_id=conversation_id, staff_id=each) for each in sorted(wanted)]
    )
    for each in sorted(wanted):
        _tell(conversation_id, each)
    return note


def unread_mentions(actor: Actor, *, most: int = 20) -> list[Mention]:
    """Where the actor was named and has not looked yet, newest first."""
    if actor.id is None:
        return []
    rows = Mention.objects.filter(staff_id=actor.id, read_at=None).select_related("note", "conversation")
    return list(rows.order_by("-at")[:most])


def read_mentions(actor: Actor, conversation_id: UUID) -> int:
    """The actor has seen where he is named in a conversation; how often he was."""
    if actor.id is None:
        return 0
    rows = Mention.objects.filter(conversation_id=conversation_id, staff_id=actor.id, read_at=None)
    read = rows.update(read_at=now())
    if read:
        _tell(conversation_id, actor.id)
    return read


def _tell(conversation_id: UUID, staff_id: UUID) -> None:
    events.emit(
        "conversation.mentioned",
        subject=("conversation", conversation_id),
        staff_id=staff_id,
        audience="one",
        data={"conversation_id": conversation_id, "staff_id": staff_id},
    )
