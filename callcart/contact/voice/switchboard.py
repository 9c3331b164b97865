"""What a call needs of the exchange round it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from callcart.contact.voice.engine import Engine
from callcart.contact.voice.flow import Flow
from callcart.contact.voice.records import Offered, Records

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call


class Switchboard(Protocol):
    """What a call needs of the exchange round it."""

    engine: Engine
    records: Records
    flow: Flow

    def opened(self, call: Call) -> None: ...

    def claim(self, channel: str, call: Call) -> None:
        """Events of this leg are this call's from now on."""
        ...

    def ring(self, offered: Offered | None) -> None:
        """An offer came back from a verb: tell the call it is of."""
        ...

    def ended(self, call: Call, reason: str) -> None: ...
