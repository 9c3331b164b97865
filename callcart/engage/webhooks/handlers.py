"""Every kind of event that programs can ask for is written down for those that did."""

from __future__ import annotations

from callcart.core import events
from callcart.engage.webhooks.kinds import KINDS
from callcart.engage.webhooks.telling import tell


@events.handler(*KINDS)
def write_down(event: events.Event) -> None:
    """May run twice: an endpoint is told of an event once."""
    tell(event)
