"""What providers tell us by calling the address of a line. All of it is kept before they are told that we have it; what they send again is
kept once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from callcart.contact.messaging.lines import facts_of, line_by_id
from callcart.contact.messaging.sink import LineSink
from callcart.contact.messaging.transport import Hooked, Incoming, channel_of
from callcart.core.errors import AppError, NotFound, PermissionDenied
from callcart.core.tenancy import tenant_transaction


class NotTheProvider(PermissionDenied):
    """This message is not proven to come from the provider."""

    code = "messaging.not_the_provider"


class Unreadable(AppError):
    """This message cannot be read as the line's settings describe it."""

    code = "messaging.unreadable"
    status = 422


def take_in(tenant_id: int, line_id: UUID, headers: Mapping[str, str], body: bytes) -> int:
    """Take in what a provider sends; how many things it held. Outside of any transaction. Raises NotFound, NotTheProvider,
    Unreadable."""
    with tenant_transaction(tenant_id):
        line = line_by_id(line_id)
        channel, facts = channel_of(line.kind), facts_of(line)
    if not line.is_active or not isinstance(channel, Hooked):
        raise NotFound
    try:
        found = channel.hear(facts, headers, body)
    except PermissionError:
        raise NotTheProvider from None
    except ValueError as error:
        raise Unreadable(why=str(error)) from None
    sink = LineSink(tenant_id, line_id)
    for each in found:
        if isinstance(each, Incoming):
            sink.message(each)
        else:
            sink.receipt(each)
    return len(found)
