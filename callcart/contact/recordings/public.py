"""The public face of recordings. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

Keeping      key_in_use, seal_sound, keep, forget_files
Trouble      trouble_now, note_trouble, trouble_over, count_kept, count_lost
Hearing      of_conversation, listen, download
Keys         replace_key, wrap_again
Events       recordings.trouble, recordings.trouble_over (staff)
"""

from callcart.contact.recordings.audio import Put
from callcart.contact.recordings.audio import put as seal_sound
from callcart.contact.recordings.jobs import remove_unnamed as forget_files
from callcart.contact.recordings.keep import Kept, keep
from callcart.contact.recordings.keys import KeyUnknown, wrap_again
from callcart.contact.recordings.keys import in_use as key_in_use
from callcart.contact.recordings.keys import replace as replace_key
from callcart.contact.recordings.listen import Opened, download, listen, of_conversation
from callcart.contact.recordings.models import LengthClass, Sound, Trouble
from callcart.contact.recordings.trouble import AGAIN_SECONDS, count_kept, count_lost, reason_of
from callcart.contact.recordings.trouble import note as note_trouble
from callcart.contact.recordings.trouble import now as trouble_now
from callcart.contact.recordings.trouble import over as trouble_over

__all__ = [
    "AGAIN_SECONDS",
    "Kept",
    "KeyUnknown",
    "LengthClass",
    "Opened",
    "Put",
    "Sound",
    "Trouble",
    "count_kept",
    "count_lost",
    "download",
    "forget_files",
    "keep",
    "key_in_use",
    "listen",
    "note_trouble",
    "of_conversation",
    "reason_of",
    "replace_key",
    "seal_sound",
    "trouble_now",
    "trouble_over",
    "wrap_again",
]
