"""Tables of conversations: each talk with a customer, its full path, what it is linked to, how it was wrapped up,
and its recordings. Routing keeps its own short-lived ticket beside it; this record lasts.

Customers, queues, staff and orders are named by id only: this room knows their ids, not their tables.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.contact.conversations.states import ConversationState, RecordingState
from callcart.core import ids
from callcart.core.language import Named
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel


class Channel(models.TextChoices):
    VOICE = "voice"
    CHAT = "chat"
    MAIL = "mail"
    SMS = "sms"
    VOICEMAIL = "voicemail"  # spoken, and dealt with as what is written


class Direction(models.TextChoices):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Conversation(TenantModel):
    """One talk with one customer on one channel, from the first ring to the end of wrap-up."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    number = models.TextField()
    channel = models.TextField(choices=Channel.choices, default=Channel.VOICE)
    direction = models.TextField(choices=Direction.choices, default=Direction.INBOUND)
    state = models.TextField(default=ConversationState.NEW)
    customer_id = models.UUIDField(null=True)
    queue_id = models.UUIDField(null=True)
    agent_id = models.UUIDField(null=True, help_text="staff member who is offered it, has it, or had it last")
    language = models.TextField(default="en")
    caller_e164 = models.TextField(blank=True, default="", help_text="empty for hidden or malformed numbers")
    caller_raw = models.TextField(blank=True, default="", help_text="the number as the network gave it")
    service_number = models.TextField(blank=True, default="", help_text="the number dialled (DNIS), E.164")
    started_at = models.DateTimeField(db_default=ClockTimestamp())
    queued_at = models.DateTimeField(null=True, help_text="first time it waited for a person")
    answered_at = models.DateTimeField(null=True, help_text="first time a person answered")
    ended_at = models.DateTimeField(null=True, help_text="the talk was over")
    closed_at = models.DateTimeField(null=True, help_text="wrap-up was over")
    end_reason = models.TextField(blank=True, default="")
    title = models.TextField(blank=True, default="", db_default="", help_text="a mail's subject")
    peer = models.TextField(
        blank=True, default="", db_default="", help_text="the other side's address, of written channels"
    )
    owner_id = models.UUIDField(null=True, help_text="who answers what comes next, where at work")
    wake_at = models.DateTimeField(null=True, help_text="pending: waits again from then on")
    forget_at = models.DateTimeField(null=True, help_text="pending: closed then, where nobody writes")
    heard_at = models.DateTimeField(
        null=True, help_text="the customer's last message that nobody has answered"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in ConversationState]),
                name="conversations_state_known",
            ),
            models.UniqueConstraint(fields=["tenant_id", "number"], name="conversations_number_once"),
        ]
        indexes = [
            models.Index(fields=["customer_id", "-started_at"], name="conversations_of_customer"),
            models.Index(fields=["tenant_id", "-started_at"], name="conversations_by_time"),
            models.Index(
                fields=["caller_e164", "-started_at"],
                condition=~Q(caller_e164=""),
                name="conversations_of_number",
            ),
            models.Index(
                fields=["tenant_id", "queued_at"],
                condition=Q(queued_at__isnull=False),
                name="conversations_queued",
            ),
            models.Index(
                fields=["tenant_id"], condition=Q(closed_at__isnull=True), name="conversations_open"
            ),
            models.Index(
                fields=["tenant_id", "peer"],
                condition=Q(closed_at__isnull=True) & ~Q(peer=""),
                name="conversations_open_peer",
            ),
            models.Index(
                fields=["heard_at"],
                condition=Q(state__in=["new", "pending"], heard_at__isnull=False),
                name="conversations_unqueued",
            ),
            models.Index(
                fields=["forget_at"],
                condition=Q(closed_at__isnull=True, forget_at__isnull=False),
                name="conversations_forget",
            ),
            models.Index(
                fields=["wake_at"],
                condition=Q(closed_at__isnull=True, wake_at__isnull=False),
                name="conversations_wake",
            ),
            models.Index(
                fields=["owner_id", "-started_at"],
                condition=Q(closed_at__isnull=True, owner_id__isnull=False),
                name="conversations_owned",
            ),
        ]


class Step(TenantModel):
    """One thing that happened on a conversation's path: a prompt, a key pressed, a queue entered, an offer …"""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="steps", db_index=False
    )
    at = models.DateTimeField(db_default=ClockTimestamp())
    kind = models.TextField()
    staff_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "id"], name="conversations_step_path"),
            # One entry for each time somebody began to wait: what the day of the queues is counted from.
            models.Index(
                fields=["tenant_id", "at"],
                condition=Q(kind__in=["queue.entered", "transfer.queue", "queue.moved"]),
                name="conversations_step_waits",
            ),
        ]


class Link(TenantModel):
    """A conversation belongs to something of another room (an order, a claim): kind and id, opaque here."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="links", db_index=False
    )
    kind = models.TextField()
    object_id = models.UUIDField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind", "object_id"], name="conversations_link_once"
            )
        ]
        indexes = [models.Index(fields=["object_id", "kind"], name="conversations_link_object")]


class Note(TenantModel):
    """What somebody wrote down during or after a conversation."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="notes", db_index=False
    )
    at = models.DateTimeField(db_default=ClockTimestamp())
    staff_id = models.UUIDField(null=True)
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"], name="conversations_note_path")]


class Disposition(Named, TenantModel):
    """What a conversation was about: a tree of two levels, each chosen by a number key."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.TextField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    key = models.SmallIntegerField(help_text="1 to 9")
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(key__gte=1, key__lte=9), name="conversations_disposition_key"),
            models.UniqueConstraint(fields=["tenant_id", "code"], name="conversations_disposition_code"),
            models.UniqueConstraint(
                fields=["tenant_id", "parent", "key"],
                condition=Q(is_active=True),
                nulls_distinct=False,
                name="conversations_disposition_place",
            ),
        ]


class WrapUp(TenantModel):
    """What the agent has written so far, saved while he types, and whether he has sent it."""

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="wrap_up"
    )
    staff_id = models.UUIDField(null=True)
    note = models.TextField(blank=True, default="")
    disposition = models.ForeignKey(Disposition, null=True, on_delete=models.PROTECT)
    saved_at = models.DateTimeField(db_default=ClockTimestamp())
    submitted_at = models.DateTimeField(null=True, help_text="empty: a draft")


class Recording(TenantModel):
    """The sound of a conversation, or of a part of it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="recordings")
    state = models.TextField(default=RecordingState.RUNNING)
    file_key = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(db_default=ClockTimestamp())
    duration_ms = models.IntegerField(default=0)
    peaks = models.JSONField(default=list, help_text="loudness 0-100, evenly spread over the duration")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in RecordingState]),
                name="conversations_recording_state",
            )
        ]


class ReplyDraft(TenantModel):
    """What somebody has begun to write to a customer, kept while it is typed: one for each writer and conversation. `serial` is the
    page's own count, so that an older save that arrives late changes nothing."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="reply_drafts", db_index=False
    )
    staff_id = models.UUIDField()
    text = models.TextField(blank=True, default="")
    files = models.JSONField(default=list, help_text="id, name, type, size and key of each")
    serial = models.BigIntegerField(default=0)
    saved_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "staff_id"], name="conversations_reply_draft_once"
            )
        ]
        indexes = [models.Index(fields=["saved_at"], name="conversations_reply_draft_age")]


class Presence(TenantModel):
    """Who has a conversation open on the screen, and whether he writes. True for a moment only: `together.SEEN_FOR`."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+", db_index=False)
    staff_id = models.UUIDField()
    seen_at = models.DateTimeField()
    writes = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "staff_id"], name="conversations_presence_once")
        ]
        indexes = [models.Index(fields=["seen_at"], name="conversations_presence_age")]


class Mention(TenantModel):
    """A colleague named in a note: he is told, until he has read it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    staff_id = models.UUIDField(help_text="who is named")
    at = models.DateTimeField(db_default=ClockTimestamp())
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "staff_id"], name="conversations_mention_once")
        ]
        indexes = [
            models.Index(
                fields=["staff_id", "-at"],
                condition=Q(read_at__isnull=True),
                name="conversations_mention_unread",
            )
        ]


class Tag(Named, TenantModel):
    """A word of the shop's list that is put on conversations."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    tone = models.TextField(default="grey", help_text="its colour, by name")
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="conversations_tag_name")]


class Tagging(TenantModel):
    """A tag on a conversation."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="taggings", db_index=False
    )
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")
    staff_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "tag"], name="conversations_tagging_once")
        ]
