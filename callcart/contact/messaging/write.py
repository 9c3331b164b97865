"""Writing to a customer. The message and its delivery are written in one transaction; sending comes after the commit. Who writes owns
the conversation from then on, and nobody waits for an answer any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import (
    ConversationState,
    WrongState,
    answered,
    asleep,
    locked,
    move,
    open_conversation,
    to_handle_locked,
)
from callcart.contact.messaging import attach, life
from callcart.contact.messaging.arrive import add_message
from callcart.contact.messaging.lines import line_by_id
from callcart.contact.messaging.models import Line, Message
from callcart.contact.messaging.states import Author, DeliveryState, MessageKind
from callcart.contact.messaging.stopping import has_stopped
from callcart.contact.messaging.threads import newest_line
from callcart.contact.messaging.transport import File, channel_of
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.fields import Fields
from callcart.core.prepared import Prepared

MOST_TEXT = 50_000
_SENT_AS = Prepared(Message, "it.id = %s::uuid AND it.conversation_id = %s::uuid")


class NotWritten(Conflict):
    """This is no written conversation."""

    code = "messaging.not_written"


class SaidStop(Conflict):
    """This number has asked for no more SMS. It can be written to again once it has sent START."""

    code = "messaging.said_stop"


class LineOff(Conflict):
    """The line this would go by is switched off."""

    code = "messaging.line_off"


@dataclass(frozen=True, slots=True)
class Words:
    """What is written. `card` shows a thing of the shop: its kind and id; `asks`: the customer may say yes to it."""

    text: str
    subject: str = ""
    files: Sequence[File] = ()
    copies: Sequence[str] = ()
    card: tuple[str, UUID] | None = None
    asks: bool = False


def reply(actor: Actor, conversation_id: UUID, words: Words, *, message_id: UUID | None = None) -> Message:
    """Answer in a written conversation within the actor's reach, also in one that nobody has. With a `message_id` chosen by the
    page, saying it twice is saying it once. Raises Invalid, NotFound, PermissionDenied, WrongState (it has ended), NotWritten,
    LineOff."""
    actor.require("messaging.write")
    conversation = to_handle_locked(actor, conversation_id)
    if message_id is not None and (found := sent_as(message_id, conversation_id)) is not None:
        return found
    return reply_in(conversation, actor, words, message_id=message_id)


def sent_as(message_id: UUID, conversation_id: UUID) -> Message | None:
    """What went in a conversation by an id that its page chose."""
    return _SENT_AS.first(message_id, conversation_id)


def reply_in(
    conversation: Conversation, actor: Actor, words: Words, *, message_id: UUID | None = None
) -> Message:
    """As `reply`, in a conversation that the caller has locked for this actor, where nothing went by this id."""
    if conversation.state == ConversationState.CLOSED:
        raise WrongState(state=conversation.state, wanted="active")
    line = line_of(conversation.id)
    checked = _checked(words, line)
    subject = checked.subject or _answer_to(conversation.title)
    message = _say(conversation, line, checked, subject=subject, staff_id=actor.id, message_id=message_id)
    answered(conversation, actor.id, message.at)
    return message


def write_first(
    actor: Actor,
    line_id: UUID,
    words: Words,
    *,
    to: str,
    to_name: str = "",
    customer_id: UUID | None = None,
    language: str = "en",
) -> Message:
    """Begin a conversation by writing: it belongs to the writer and waits for the customer. Raises Invalid (to, text), NotFound,
    LineOff."""
    actor.require("messaging.write")
    line = line_by_id(line_id)
    fields = Fields()
    typed = fields.line("to", to, most=320, required=True)
    try:
        address = channel_of(line.kind).address(typed) if typed else ""
    except ValueError:
        fields.refuse("to", _("This is not an address of this kind."))
        address = ""
    fields.done()
    checked = _checked(words, line)
    conversation = open_conversation(
        actor,
        channel=line.channel,
        direction="outbound",
        caller_e164=address if line.channel == "sms" else "",
        language=language,
        customer_id=customer_id,
        peer=address,
        title=checked.subject[:300],
        owner_id=actor.id,
    )
    move(actor, conversation.id, ConversationState.PENDING, kind="written_first")
    asleep(conversation.id, until=None, forget=life.forgotten_at(line.channel))
    conversation = locked(conversation.id)
    return _say(conversation, line, checked, subject=checked.subject, staff_id=actor.id, to_name=to_name)


def line_of(conversation_id: UUID) -> Line:
    """The line a conversation goes by: that of its newest message. Raises NotWritten, LineOff."""
    line = newest_line(conversation_id)
    if line is None:
        raise NotWritten
    if not line.is_active:
        raise LineOff
    return line


def _checked(words: Words, line: Line) -> Words:
    fields = Fields()
    text = fields.block("text", words.text, most=MOST_TEXT, required=not (words.files or words.card))
    subject = fields.line("subject", words.subject, most=300)
    if len(words.files) > attach.MOST_FILES or any(len(f.content) > attach.MOST_BYTES for f in words.files):
        fields.refuse("files", _("Files of at most 25 MB each, please."))
    if words.files and line.channel == "sms":
        fields.refuse("files", _("An SMS carries no files."))
    fields.done()
    return replace(words, text=text, subject=subject)


def _say(
    conversation: Conversation,
    line: Line,
    words: Words,
    *,
    subject: str,
    staff_id: UUID | None = None,
    to_name: str = "",
    message_id: UUID | None = None,
) -> Message:
    if not line.is_active:
        raise LineOff
    if has_stopped(line.channel, conversation.peer):
        raise SaidStop
    card = {"kind": words.card[0], "id": str(words.card[1]), "asks": words.asks} if words.card else {}
    chosen = {"id": message_id} if message_id is not None else {}
    message = add_message(
        conversation,
        line,
        author=Author.STAFF,
        kind=MessageKind.CARD if card else MessageKind.TEXT,
        staff_id=staff_id,
        subject=subject if line.channel == "mail" else "",
        text=words.text,
        peer=conversation.peer,
        peer_name=to_name,
        others=list(words.copies),
        data=card,
        delivery=DeliveryState.SENT if channel_of(line.kind).instant else DeliveryState.WAITING,
        **chosen,
    )
    attach.keep(message, words.files)
    return message


def _answer_to(title: str) -> str:
    """The subject of an answer: RFC 5322, 3.6.5; one `Re:` is enough."""
    plain = title.strip()
    return plain if not plain or plain.lower().startswith(("re:", "re：", "回复")) else f"Re: {plain}"
