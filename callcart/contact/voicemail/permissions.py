"""Permissions of voicemail. Hearing a message is hearing a recording, answering it is handling a conversation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare("voicemail", setup=Permission(label=_("Set up voicemail: greetings, length, who gets it")))
