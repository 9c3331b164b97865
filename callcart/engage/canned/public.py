"""The public face of canned replies.

Using       find_replies, apply_macro, check_filled
Editing     all_replies, get_reply, save_reply, ReplyDraft; FIELDS says what a text may name
"""

from callcart.engage.canned.fill import FIELDS, check_filled
from callcart.engage.canned.models import CannedReply, Then
from callcart.engage.canned.replies import (
    CHANNELS,
    Filled,
    ReplyChanged,
    ReplyDraft,
    all_replies,
    apply_macro,
    find_replies,
    get_reply,
    save_reply,
)

__all__ = [
    "CHANNELS",
    "FIELDS",
    "CannedReply",
    "Filled",
    "ReplyChanged",
    "ReplyDraft",
    "Then",
    "all_replies",
    "apply_macro",
    "check_filled",
    "find_replies",
    "get_reply",
    "save_reply",
]
