"""What is said of a conversation afterwards (who it was, what it was about) stands with its recording too."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.recordings.keep import refresh
from callcart.core import events


@events.handler("conversation.customer", "conversation.wrapped", "conversation.finished")
def on_said(event: events.Event) -> None:
    """A customer was set, a wrap-up sent, or what was spoken or written dealt with."""
    refresh(UUID(str(event.data["conversation_id"])))
