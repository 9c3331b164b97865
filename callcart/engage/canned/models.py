"""The table of canned replies."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel


class Then(StrEnum):
    """What follows the answer: nothing, it is set aside, it is ended."""

    NOTHING = ""
    SET_ASIDE = "set_aside"
    FINISH = "finish"


class CannedReply(Named, TenantModel):
    """A text in one language or both. `code` is what is typed after `/`. With a tag or something that follows it is a macro. `channels` it
    is offered on; none: on all."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.TextField()
    name = models.TextField(blank=True, default="")
    name_zh = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    text_zh = models.TextField(blank=True, default="")
    channels = ArrayField(models.TextField(), default=list, blank=True)
    tag_id = models.UUIDField(null=True, help_text="of a conversation's tags")
    then = models.TextField(blank=True, default=Then.NOTHING)
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="canned_code"),
            models.CheckConstraint(condition=Q(then__in=[str(each) for each in Then]), name="canned_then"),
        ]

    def __str__(self) -> str:
        return self.code
