"""Reading messages: the one behind a conversation, and those of the shop, newest first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from callcart.contact.conversations.public import visible
from callcart.contact.voicemail.models import Voicemail
from callcart.contact.voicemail.states import VoicemailState
from callcart.core.actor import Actor

PAGE = 50


def messages_left(
    actor: Actor,
    *,
    queue_id: UUID | None = None,
    after: tuple[datetime, UUID] | None = None,
    most: int = PAGE,
) -> list[Voicemail]:
    """Messages that were kept, newest first, of conversations within the reader's reach; `after` pages on. Raises PermissionDenied."""
    rows = Voicemail.objects.filter(state=VoicemailState.KEPT, id__in=visible(actor).values("id"))
    if queue_id is not None:
        rows = rows.filter(queue_id=queue_id)
    if after is not None:
        began_at, last = after
        rows = rows.filter(
            Q(began_at__lt=began_at) | Q(began_at=began_at, id__lt=last), began_at__lte=began_at
        )
    return list(rows.order_by("-began_at", "-id")[:most])
