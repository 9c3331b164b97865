"""Tables of voice: the legs of each call (to adopt them after a restart), softphone accounts, the exchange's health, and what
a shop says instead of the prompts that ship."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from callcart.contact.voice.states import CallState
from callcart.contact.voice.studio.states import TakeState
from callcart.core import ids
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel

MAIN_NODE = "main"


class RecordingFileState(models.TextChoices):
    NONE = "none"
    PENDING = "pending"
    KEPT = "kept"
    FAILED = "failed"


class Call(TenantModel):
    """The telephone side of a conversation: which legs and which bridge are its, and how far it is."""

    conversation_id = models.UUIDField(primary_key=True)
    state = models.TextField(default=CallState.NEW)
    customer_channel = models.TextField(unique=True)
    agent_channel = models.TextField(blank=True, default="")
    agent_staff_id = models.UUIDField(null=True)
    offer_id = models.UUIDField(null=True)
    legs_dialled = models.IntegerField(default=0, help_text="agent legs so far; makes their names unlike")
    flow_state = models.JSONField(default=dict)
    lost_at = models.DateTimeField(null=True, help_text="the agent's leg was lost")
    consult = models.JSONField(
        null=True, help_text="whom the agent has asked to join: leg, who, whether they hear each other"
    )
    started_at = models.DateTimeField(db_default=ClockTimestamp())
    ended_at = models.DateTimeField(null=True)
    paused_for = models.JSONField(
        default=list, db_default=[], help_text="why the recording is paused; empty: it runs"
    )
    recording = models.TextField(choices=RecordingFileState, default=RecordingFileState.NONE)
    node = models.TextField(
        default=MAIN_NODE,
        db_default=MAIN_NODE,
        help_text="whose engine has its legs: that voice process owns it",
    )
    muted = models.BooleanField(default=False, db_default=False, help_text="the agent's page sends silence")
    silent = models.TextField(
        blank=True, default="", db_default="", help_text="whose sound does not come: caller, agent, both"
    )
    orbit = models.IntegerField(null=True, help_text="parked: by this number a colleague picks it up")
    parked_until = models.DateTimeField(null=True, help_text="then it is back with who parked it")
    guest_id = models.UUIDField(null=True, help_text="its other side is a page with this account")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in CallState]), name="voice_call_state"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "orbit"],
                condition=Q(orbit__isnull=False, ended_at__isnull=True),
                name="voice_call_orbit",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id"], condition=Q(ended_at__isnull=True), name="voice_call_live"),
            models.Index(
                fields=["ended_at"],
                condition=Q(recording=RecordingFileState.PENDING),
                name="voice_call_recording",
            ),
        ]

    @classmethod
    def going_on(cls, conversation_id: UUID) -> Call | None:
        """The call of a conversation, as long as it lasts."""
        return cls.objects.filter(conversation_id=conversation_id, ended_at=None).first()


class OutboundCall(TenantModel):
    """A call outside that the guard let through: what the next one is counted against."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation_id = models.UUIDField()
    staff_id = models.UUIDField(null=True)
    number = models.TextField(help_text="E.164")
    started_at = models.DateTimeField(db_default=ClockTimestamp())
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="empty with an ended call: then it ended with it")

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "started_at"], name="voice_outbound_time"),
            models.Index(fields=["conversation_id"], name="voice_outbound_talk"),
        ]


class RefusedCall(TenantModel):
    """A call outside that the guard did not let through, as an administrator reads it: the number is masked."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    at = models.DateTimeField(db_default=ClockTimestamp())
    staff_id = models.UUIDField(null=True)
    number = models.TextField(help_text="masked")
    limit = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "-id"], name="voice_refused_newest")]


class Watching(TenantModel):
    """A supervisor on a talk, once for each thing he did (listen, whisper, barge): since when, until when. Kept as history."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation_id = models.UUIDField()
    staff_id = models.UUIDField(help_text="the supervisor")
    agent_id = models.UUIDField(null=True, help_text="whose talk it was as he came")
    mode = models.TextField()
    started_at = models.DateTimeField(db_default=ClockTimestamp())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation_id", "staff_id"],
                condition=Q(ended_at__isnull=True),
                name="voice_watching_once",
            )
        ]
        indexes = [models.Index(fields=["conversation_id", "started_at"], name="voice_watching_talk")]


class SoftphoneAccount(TenantModel):
    """A browser's account with the exchange, one for each signed-in session. Its password is made from the id and a secret
    of the installation: the table holds none."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    staff_id = models.UUIDField()
    session_id = models.UUIDField(null=True)
    wanted_at = models.DateTimeField(db_default=ClockTimestamp(), help_text="last time the page asked for it")
    removed_at = models.DateTimeField(null=True)
    node = models.TextField(
        default=MAIN_NODE, db_default=MAIN_NODE, help_text="where its page has registered last"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_id", "session_id"],
                condition=Q(removed_at__isnull=True),
                nulls_distinct=False,
                name="voice_softphone_session",
            )
        ]


class GuestAccount(TenantModel):
    """The account of a customer's page for one call. Its password is made from the id, how often it was asked for and a secret of the
    installation: the table holds none. `ticket` (a digest) opens the way of its signalling, once."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation_id = models.UUIDField()
    serial = models.SmallIntegerField(default=0, help_text="how often its password was asked for")
    ticket = models.TextField(blank=True, default="")
    ticket_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    removed_at = models.DateTimeField(null=True)
    node = models.TextField(
        default=MAIN_NODE, db_default=MAIN_NODE, help_text="where its page has registered last"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation_id"], name="voice_guest_of_call")]
        indexes = [
            models.Index(fields=["made_at"], condition=Q(removed_at__isnull=True), name="voice_guest_open"),
            models.Index(
                fields=["tenant_id", "ticket"],
                condition=Q(removed_at__isnull=True) & ~Q(ticket=""),
                name="voice_guest_ticket",
            ),
        ]

    def __str__(self) -> str:
        return f"guest-{self.id.hex}"


class Exchange(models.Model):
    """Whether the telephones work, as the voice process last saw it. One row for each exchange, of no tenant."""

    name = models.TextField(primary_key=True)
    up = models.BooleanField(default=False)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    seen_at = models.DateTimeField(db_default=ClockTimestamp(), help_text="the voice process lives")

    class Meta:
        db_table_comment = "directory"

    def __str__(self) -> str:
        return self.name


class Stranger(models.Model):
    """How often an address that we do not know tried to call or to register, by hour. Of no tenant: nobody knows whom it wanted."""

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField()
    address = models.TextField(help_text="empty: all those beyond the first few hundred of an hour")
    count = models.IntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table_comment = "directory"
        constraints = [models.UniqueConstraint(fields=["hour", "address"], name="voice_stranger_once")]

    def __str__(self) -> str:
        return self.address


class TenantPrompt(TenantModel):
    """What this shop says for a prompt in one language: a recording, or else a text of its own. A key that ships with
    nothing is a greeting the shop has added; `title` is its name in lists."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    key = models.TextField()
    language = models.TextField()
    title = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    file_key = models.TextField(blank=True, default="", help_text="the recording, as core keeps it")
    duration_ms = models.IntegerField(default=0)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "key", "language"], name="voice_prompt_once"),
            models.CheckConstraint(condition=~Q(text="") | ~Q(file_key=""), name="voice_prompt_says"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.language}"


class PromptTake(TenantModel):
    """Somebody of the shop is rung and speaks a prompt. Kept as history; the number goes when it is over."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    key = models.TextField(help_text="the prompt")
    language = models.TextField(help_text="the prompt's")
    staff_id = models.UUIDField()
    spoken = models.TextField(help_text="the language in which he is told what to do")
    number = models.TextField(blank=True, default="", help_text="E.164; empty: his page")
    shown = models.TextField(blank=True, default="")
    longest = models.IntegerField(default=0, help_text="seconds that a call outside may last")
    node = models.TextField(default=MAIN_NODE, help_text="whose voice process rings him")
    state = models.TextField(default=TakeState.RINGING)
    round = models.IntegerField(default=0, help_text="how often he has begun to speak")
    why = models.TextField(blank=True, default="", help_text="how it ended without a recording")
    started_at = models.DateTimeField(db_default=ClockTimestamp())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in TakeState]), name="voice_take_state"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "staff_id"], condition=Q(ended_at__isnull=True), name="voice_take_once"
            ),
        ]
        indexes = [
            models.Index(fields=["node"], condition=Q(ended_at__isnull=True), name="voice_take_live"),
            models.Index(fields=["tenant_id", "staff_id", "-id"], name="voice_take_newest"),
        ]
