"""What happens to telephones when something else happens."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.voice.accounts import end_accounts
from callcart.core import events


@events.handler("session.ended")
def on_session_ended(event: events.Event) -> None:
    """Who is signed out has no telephone; a call he has goes on."""
    end_accounts(UUID(str(event.data["session_id"])))
