"""The public face of recordings. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

Keeping      key_in_use, seal_sound, keep, forget_files
Trouble      trouble_now, note_trouble, trouble_over, count_kept, count_lost
Hearing      of_conversation, listen, download
Finding      find, named, Wanted, get_sound
Comments     comments_of, add_comment, change_comment, remove_comment
Retention    rules, rule_for, due_of, save_rule, remove_rule; place_hold, lift_hold, hold_of
Transcripts  write_down, transcribed, read_transcript, written_down, said_in
Keys         replace_key, wrap_again
Events       recordings.trouble, recordings.trouble_over (staff)
"""

from callcart.contact.recordings.audio import Put
from callcart.contact.recordings.audio import put as seal_sound
from callcart.contact.recordings.comments import add_comment, change_comment, comments_of, remove_comment
from callcart.contact.recordings.holds import AlreadyHeld, hold_of, lift_hold, place_hold
from callcart.contact.recordings.jobs import remove_unnamed as forget_files
from callcart.contact.recordings.keep import Kept, keep
from callcart.contact.recordings.keys import KeyUnknown, wrap_again
from callcart.contact.recordings.keys import in_use as key_in_use
from callcart.contact.recordings.keys import replace as replace_key
from callcart.contact.recordings.listen import Opened, download, listen, of_conversation
from callcart.contact.recordings.models import (
    Comment,
    LegalHold,
    LengthClass,
    Passage,
    RetentionRule,
    Sound,
    Trouble,
)
from callcart.contact.recordings.queries import Wanted, find, get_sound, named
from callcart.contact.recordings.retention import RuleDraft, due_of, remove_rule, rule_for, rules, save_rule
from callcart.contact.recordings.transcripts import read as read_transcript
from callcart.contact.recordings.transcripts import said_in, write_down, written_down
from callcart.contact.recordings.transcripts import wanted as transcribed
from callcart.contact.recordings.trouble import AGAIN_SECONDS, count_kept, count_lost, reason_of
from callcart.contact.recordings.trouble import note as note_trouble
from callcart.contact.recordings.trouble import now as trouble_now
from callcart.contact.recordings.trouble import over as trouble_over

__all__ = [
    "AGAIN_SECONDS",
    "AlreadyHeld",
    "Comment",
    "Kept",
    "KeyUnknown",
    "LegalHold",
    "LengthClass",
    "Opened",
    "Passage",
    "Put",
    "RetentionRule",
    "RuleDraft",
    "Sound",
    "Trouble",
    "Wanted",
    "add_comment",
    "change_comment",
    "comments_of",
    "count_kept",
    "count_lost",
    "download",
    "due_of",
    "find",
    "forget_files",
    "get_sound",
    "hold_of",
    "keep",
    "key_in_use",
    "lift_hold",
    "listen",
    "named",
    "note_trouble",
    "of_conversation",
    "place_hold",
    "read_transcript",
    "reason_of",
    "remove_comment",
    "remove_rule",
    "replace_key",
    "rule_for",
    "rules",
    "said_in",
    "save_rule",
    "seal_sound",
    "transcribed",
    "trouble_now",
    "trouble_over",
    "wrap_again",
    "write_down",
    "written_down",
]
