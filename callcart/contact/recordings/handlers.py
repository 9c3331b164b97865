"""What is said of a conversation afterwards (who it was, what it was about) stands with its recording too."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.recordings.keep import refresh
from callcart.core import events


@events.handler("conversation.customer", "conversation.wrapped")
def on_said(event: events.Event) -> None:
    """A customer was set, or a wrap-up sent."""
    refresh(UUID(str(event.data["conversation_id"])))
