"""Tables of written conversations: the lines (a mailbox, a number, a chat), what arrived on them, the messages, their files, and
what is on its way out. A conversation itself is `conversations`'; here is what was said in it.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from callcart.contact.messaging.states import ArrivalState, Author, DeliveryState, LineState, MessageKind
from callcart.core import ids
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel


def _one_of(field: str, states: type[StrEnum], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [str(each) for each in states]}), name=name)


class Line(TenantModel):
    """Where customers write to and what we write from: one mailbox, one number, one chat. `kind` names the channel in the
    settings; `cursor` is how far that channel has read."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    kind = models.TextField()
    channel = models.TextField(help_text="chat, mail or sms")
    name = models.TextField()
    address = models.TextField(help_text="what customers write to, in the form that is compared")
    values = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="")
    queue_id = models.UUIDField()
    language = models.TextField(
        blank=True, default="", help_text="of people we do not know; empty: the shop's"
    )
    is_active = models.BooleanField(default=True)
    state = models.TextField(default=LineState.NEW, db_default=LineState.NEW)
    words = models.TextField(blank=True, default="", db_default="", help_text="why it does not work")
    changed_at = models.DateTimeField(db_default=ClockTimestamp(), help_text="of the state")
    cursor = models.TextField(blank=True, default="", db_default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            _one_of("state", LineState, "messaging_line_state"),
            models.UniqueConstraint(
                fields=["tenant_id", "channel", "address"], name="messaging_line_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Arrival(TenantModel):
    """What came in on a line, kept before the other side is told that we have it. The same thing twice is one row."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    external_id = models.TextField()
    state = models.TextField(default=ArrivalState.RECEIVED, db_default=ArrivalState.RECEIVED)
    file_key = models.TextField(blank=True, default="", help_text="as it came, where it came raw")
    size = models.IntegerField(default=0)
    at = models.DateTimeField(db_default=ClockTimestamp())
    tries = models.SmallIntegerField(default=0)
    words = models.TextField(blank=True, default="", help_text="why it could not be read")
    message_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            _one_of("state", ArrivalState, "messaging_arrival_state"),
            models.UniqueConstraint(fields=["line", "external_id"], name="messaging_arrival_once"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "-id"],
                condition=Q(state=ArrivalState.DEAD),
                name="messaging_arrival_dead",
            ),
            models.Index(fields=["tenant_id", "at"], condition=~Q(file_key=""), name="messaging_arrival_raw"),
            models.Index(
                fields=["at"], condition=Q(state=ArrivalState.RECEIVED), name="messaging_arrival_left"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Message(TenantModel):
    """One thing said in a conversation. `place` is its place in it: 1, 2, 3 …"""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation_id = models.UUIDField()
    place = models.IntegerField()
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.TextField()
    kind = models.TextField(default=MessageKind.TEXT)
    staff_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=ClockTimestamp())
    external_id = models.TextField(blank=True, default="", help_text="a mail's Message-ID, a provider's id")
    subject = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    quoted = models.TextField(
        blank=True, default="", db_default="", help_text="what the new words stand above or below"
    )
    html = models.TextField(blank=True, default="", help_text="made safe by its channel")
    peer = models.TextField(blank=True, default="", help_text="the address it came from or goes to")
    peer_name = models.TextField(blank=True, default="")
    others = models.JSONField(default=list, help_text="further addresses of a mail")
    notes = models.JSONField(default=list, help_text="what was left out on the way in, in words")
    data = models.JSONField(default=dict, help_text="what a card shows: kind and id")
    seen_at = models.DateTimeField(null=True, help_text="by the other side, where its channel tells")

    class Meta:
        constraints = [
            _one_of("author", Author, "messaging_message_author"),
            _one_of("kind", MessageKind, "messaging_message_kind"),
            models.UniqueConstraint(fields=["conversation_id", "place"], name="messaging_message_place"),
        ]
        indexes = [
            models.Index(
                fields=["line", "external_id"],
                condition=~Q(external_id=""),
                name="messaging_message_external",
            ),
            models.Index(
                fields=["at"], condition=Q(kind=MessageKind.NOTICE), name="messaging_message_notice"
            ),
            # How often an address has written of late, asked with each mail and SMS that comes in.
            models.Index(
                fields=["line", "peer", "at"],
                condition=Q(author=Author.CUSTOMER),
                name="messaging_message_of_peer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Attachment(TenantModel):
    """A file of a message."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files")
    name = models.TextField()
    type = models.TextField(help_text="by its content, not by its name")
    size = models.IntegerField()
    file_key = models.TextField()
    cid = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return str(self.id)


class Delivery(TenantModel):
    """A message of ours on its way. Of a conversation's, only the first that is open may go; `priority` 0 is a live reply, 9 one of
    a campaign."""

    id = models.BigAutoField(primary_key=True)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="delivery")
    conversation_id = models.UUIDField()
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(default=DeliveryState.WAITING, db_default=DeliveryState.WAITING)
    priority = models.SmallIntegerField(default=0)
    tries = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=ClockTimestamp())
    claimed_until = models.DateTimeField(null=True, help_text="whoever sends it has died after this")
    reference = models.TextField(
        blank=True, default="", help_text="the provider's, by which receipts name it"
    )
    words = models.TextField(blank=True, default="", help_text="why it did not go")
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True, help_text="of no use after this (a sign-in code)")

    class Meta:
        constraints = [
            _one_of("state", DeliveryState, "messaging_delivery_state"),
            models.CheckConstraint(
                condition=Q(priority__gte=0, priority__lte=9), name="messaging_delivery_priority"
            ),
            models.UniqueConstraint(
                fields=["conversation_id"],
                condition=Q(state=DeliveryState.SENDING),
                name="messaging_delivery_one_at_a_time",
            ),
        ]
        indexes = [
            # For `tenants_due`; what goes next is looked for by line.
            models.Index(
                fields=["tenant_id", "priority", "next_at", "id"],
                condition=Q(state=DeliveryState.WAITING),
                name="messaging_delivery_due",
            ),
            models.Index(
                fields=["line", "priority", "next_at", "id"],
                condition=Q(state=DeliveryState.WAITING),
                name="messaging_delivery_next",
            ),
            models.Index(
                fields=["claimed_until"],
                condition=Q(state=DeliveryState.SENDING),
                name="messaging_delivery_claimed",
            ),
            models.Index(
                fields=["conversation_id", "id"],
                condition=Q(state__in=[DeliveryState.WAITING, DeliveryState.SENDING]),
                name="messaging_delivery_order",
            ),
            models.Index(
                fields=["line", "reference"], condition=~Q(reference=""), name="messaging_delivery_reference"
            ),
            models.Index(
                fields=["until"],
                condition=Q(state=DeliveryState.WAITING, until__isnull=False),
                name="messaging_delivery_late",
            ),
            models.Index(
                fields=["tenant_id", "-id"],
                condition=Q(state__in=[DeliveryState.FAILED, DeliveryState.IN_DOUBT]),
                name="messaging_delivery_dead",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class EarlyReceipt(TenantModel):
    """What became of a message, told before we had written down by which reference its provider knows it."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.TextField()
    delivered = models.BooleanField()
    words = models.TextField(blank=True, default="")
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "reference"], name="messaging_early_receipt_once")
        ]
        indexes = [models.Index(fields=["at"], name="messaging_early_receipt_at")]

    def __str__(self) -> str:
        return str(self.id)


class Visitor(TenantModel):
    """Somebody who chats on a page: known by a token that only that browser has. The name and address are his own words; `customer_id` is
    who was signed in to the shop."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+", db_index=False)
    token = models.TextField(help_text="digest")
    name = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    customer_id = models.UUIDField(null=True)
    language = models.TextField(default="en")
    page = models.TextField(
        blank=True,
        default="",
        help_text="the address of the page last seen, without what follows a question mark",
    )
    page_title = models.TextField(blank=True, default="")
    page_at = models.DateTimeField(null=True, help_text="when the page was last told of")
    cart_id = models.UUIDField(null=True, help_text="what he means to buy; known to orders")
    began_at = models.DateTimeField(db_default=ClockTimestamp())
    seen_at = models.DateTimeField(db_default=ClockTimestamp())
    conversation_id = models.UUIDField(null=True, help_text="the newest one")
    read_place = models.IntegerField(default=0, help_text="place of the newest message the page has shown")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "token"], name="messaging_visitor_token")]
        indexes = [
            models.Index(
                fields=["conversation_id"],
                condition=Q(conversation_id__isnull=False),
                name="messaging_visitor_talk",
            ),
            models.Index(
                fields=["page_at"], condition=Q(page_at__isnull=False), name="messaging_visitor_page_at"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Transcript(TenantModel):
    """Somebody asked to be sent what was said in a chat, up to a place. `key` is the page's own: asked twice by it is asked once."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="+", db_index=False)
    conversation_id = models.UUIDField()
    key = models.TextField()
    address = models.TextField()
    place = models.IntegerField(help_text="of the last message that is in it")
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visitor", "key"], name="messaging_transcript_once")]
        indexes = [models.Index(fields=["at"], name="messaging_transcript_at")]

    def __str__(self) -> str:
        return str(self.id)


class StoppedPeer(TenantModel):
    """An address that has asked for nothing more (STOP by SMS), until it says START."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    channel = models.TextField()
    peer = models.TextField()
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "channel", "peer"], name="messaging_stopped_once")
        ]

    def __str__(self) -> str:
        return str(self.id)


class BlockedPeer(TenantModel):
    """An address whose messages open no conversation: marked as spam by somebody."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    channel = models.TextField()
    peer = models.TextField()
    staff_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "channel", "peer"], name="messaging_blocked_once")
        ]

    def __str__(self) -> str:
        return str(self.id)


class Merge(TenantModel):
    """A conversation that goes on in another one of the same person. `again`: it was undone, and goes on in that one of its own."""

    source_id = models.UUIDField(primary_key=True, editable=False)
    target_id = models.UUIDField()
    channel = models.TextField()
    peer = models.TextField()
    staff_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=ClockTimestamp())
    again_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["target_id", "at"], name="messaging_merge_target"),
            models.Index(fields=["tenant_id", "channel", "peer", "-at"], name="messaging_merge_peer"),
        ]

    def __str__(self) -> str:
        return str(self.source_id)
