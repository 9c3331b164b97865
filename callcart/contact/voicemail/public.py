"""The public face of voicemail. Callers stand inside `tenant_transaction(tenant_id)` (web requests, jobs and flows do).

On the line   begin, ended, failed (for a flow that takes a message: the file is the engine's to write)
Set-up        boxes, box_of, save_box
Reading       messages_left
A message becomes a conversation of the channel `voicemail`, with its sound as a recording; all else is conversations', recordings' and
messaging's.
"""

from callcart.contact.voicemail.boxes import BoxChanged, BoxDraft, box_of, boxes, save_box
from callcart.contact.voicemail.keeping import CHANNEL
from callcart.contact.voicemail.models import LENGTHS, SILENCES, Box, Voicemail
from callcart.contact.voicemail.queries import PAGE, messages_left
from callcart.contact.voicemail.states import VoicemailState
from callcart.contact.voicemail.taking import Taking, begin, ended, failed

__all__ = [
    "CHANNEL",
    "LENGTHS",
    "PAGE",
    "SILENCES",
    "Box",
    "BoxChanged",
    "BoxDraft",
    "Taking",
    "Voicemail",
    "VoicemailState",
    "begin",
    "box_of",
    "boxes",
    "ended",
    "failed",
    "messages_left",
    "save_box",
]
