"""The table of web calls: who wanted one in which chat, and which call it became. Visitors, chats, calls and agents are known by their ids."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from callcart.contact.webcalls.states import State
from callcart.core import ids
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel


class WebCall(TenantModel):
    """One wish to talk, and what became of it. Kept as history."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    visitor_id = models.UUIDField()
    chat_id = models.UUIDField(help_text="the conversation in which it was wanted")
    agent_id = models.UUIDField(help_text="who had the chat then; of one that has begun, who is called")
    state = models.TextField()
    call_id = models.UUIDField(null=True, help_text="the conversation of the call")
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    until = models.DateTimeField(help_text="waits for the other side at the longest")
    ended_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(each) for each in State]), name="webcalls_state"
            ),
            models.CheckConstraint(
                condition=Q(state=State.ENDED, ended_at__isnull=False)
                | (~Q(state=State.ENDED) & Q(ended_at=None)),
                name="webcalls_ended_when",
            ),
            models.UniqueConstraint(
                fields=["visitor_id"], condition=Q(ended_at=None), name="webcalls_one_of_visitor"
            ),
            models.UniqueConstraint(
                fields=["call_id"], condition=Q(call_id__isnull=False), name="webcalls_of_call"
            ),
        ]
        indexes = [
            models.Index(fields=["visitor_id", "-id"], name="webcalls_by_visitor"),
            models.Index(fields=["chat_id", "-id"], name="webcalls_by_chat"),
        ]

    def __str__(self) -> str:
        return str(self.id)
