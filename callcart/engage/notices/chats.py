"""What was said in a chat, sent to its visitor who asked for it. A plain text: what people wrote is never anything else in it."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from callcart.commerce.orders.public import Order
from callcart.contact.conversations.public import get_conversation
from callcart.contact.messaging.public import transcripts
from callcart.core import events
from callcart.core.ids import spoken
from callcart.core.language import locale_of
from callcart.engage.notices.facts import money
from callcart.engage.notices.kinds import TRANSCRIPT
from callcart.engage.notices.models import Medium, Way
from callcart.engage.notices.reach import Reach, shop_name
from callcart.engage.notices.transport import ways_out
from callcart.engage.notices.wording import ways
from callcart.engage.notices.write import tell
from callcart.people.staff.public import staff_names
from callcart.people.tenants.public import get_tenant, settings_of

MOST_TEXT = 200_000


def sends_transcripts() -> bool:
    """Whether what was said can be sent at all: the shop wants it, and mail leaves this installation."""
    return ways()[TRANSCRIPT] is not Way.OFF and Medium.MAIL in ways_out()


@events.handler("chat.transcript_wanted")
def on_transcript_wanted(event: events.Event) -> None:
    """Written once for each time it was asked for."""
    transcript_id = UUID(str(event.data["transcript_id"]))
    found = transcripts.wanted(transcript_id)
    if found is None:
        return
    language = settings_of(get_tenant()).offered(found.language)
    reach = Reach(None, found.name, language, {Medium.MAIL: found.address})
    with override(language):
        said = written(found, language)
    number = spoken(get_conversation(found.conversation_id).number)
    values = {"shop": shop_name(language), "name": found.name, "number": number, "talk": said}
    tell(TRANSCRIPT, str(transcript_id), reach, values)


def written(found: transcripts.Wanted, language: str) -> str:
    """The whole of it, oldest first; where it is too long, what is oldest is left out, and that is said."""
    names = staff_names((each.staff_id for each in found.said), language=language)
    zone, locale = ZoneInfo(get_tenant().timezone), locale_of(language)
    parts: list[str] = []
    left_out, length = found.left_out, 0
    for each in reversed(found.said):
        who = (
            found.name or _("You") if each.mine else _first_name(names, each.staff_id) or shop_name(language)
        )
        when = format_datetime(each.at.astimezone(zone), "short", locale=locale).replace("\u202f", " ")
        lines = [f"{who}, {when}:", *([each.text] if each.text else []), *_things(each, language)]
        part = "\n".join(lines)
        if length + len(part) > MOST_TEXT:
            left_out += len(found.said) - len(parts)
            break
        parts.append(part)
        length += len(part)
    if left_out:
        parts.append(
            ngettext(
                "(%(count)s earlier message is left out)",
                "(%(count)s earlier messages are left out)",
                left_out,
            )
            % {"count": left_out}
        )
    return "\n\n".join(reversed(parts))


def _first_name(names: dict[UUID, str], staff_id: UUID | None) -> str:
    """As the chat itself names people of the shop."""
    found = names.get(staff_id, "") if staff_id else ""
    return found.split()[0] if found else ""


def _things(said: transcripts.Said, language: str) -> list[str]:
    """Files by their names, and an order that was shown by its number and total."""
    lines = [_("File: %(name)s") % {"name": each} for each in said.files]
    order = Order.objects.filter(id=said.card[1]).first() if said.card and said.card[0] == "order" else None
    if order is not None:
        values = {"number": spoken(order.number), "total": money(order.total, language)}
        lines.append(_("Order %(number)s, %(total)s") % values)
    return lines
