"""The public face of conversations. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

Opening and ending      open_conversation, enter_menu, close_conversation, left_message
Written ones            locked, open_with, id_of_number, heard, answered, given_to, asleep
Its path                add_step, link, linked_to, write_note, set_customer, set_language
Wrap-up                 dispositions, wrap_up_of, save_wrap_up_draft, submit_wrap_up
Dispositions            all_dispositions, get_disposition, add_disposition, change_disposition, retire_disposition, restore_disposition
Recordings              start_recording, finish_recording, fail_recording, delete_recording
From elsewhere          record_past
Reading                 get_conversation, visible, path_of, held_since, open_of_agent, timeline
"""

from callcart.contact.conversations.dispositions import (
    KEYS,
    DispositionDraft,
    DispositionNode,
    add_disposition,
    all_dispositions,
    change_disposition,
    dispositions,
    get_disposition,
    restore_disposition,
    retire_disposition,
    save_disposition,
)
from callcart.contact.conversations.open import (
    WrongState,
    close_conversation,
    enter_menu,
    left_message,
    move,
    open_conversation,
    set_customer,
    set_language,
)
from callcart.contact.conversations.past import PastTalk, record_past
from callcart.contact.conversations.path import add_step, link, linked_to, write_note
from callcart.contact.conversations.queries import (
    TimelineEntry,
    find_conversation,
    get_conversation,
    held_since,
    open_of_agent,
    path_of,
    timeline,
)
from callcart.contact.conversations.recordings import (
    delete_recording,
    fail_recording,
    finish_recording,
    start_recording,
)
from callcart.contact.conversations.scope import (
    agents_within_reach,
    is_within_reach,
    locked,
    to_handle,
    to_handle_locked,
    took_part,
    visible,
)
from callcart.contact.conversations.states import ConversationState, EndReason, RecordingState
from callcart.contact.conversations.wrap_up import save_wrap_up_draft, submit_wrap_up, wrap_up_of
from callcart.contact.conversations.written import (
    answered,
    asleep,
    given_to,
    heard,
    id_of_number,
    open_with,
)

__all__ = [
    "KEYS",
    "ConversationState",
    "DispositionDraft",
    "DispositionNode",
    "EndReason",
    "PastTalk",
    "RecordingState",
    "TimelineEntry",
    "WrongState",
    "add_disposition",
    "add_step",
    "agents_within_reach",
    "all_dispositions",
    "answered",
    "asleep",
    "change_disposition",
    "close_conversation",
    "delete_recording",
    "dispositions",
    "enter_menu",
    "fail_recording",
    "find_conversation",
    "finish_recording",
    "get_conversation",
    "get_disposition",
    "given_to",
    "heard",
    "held_since",
    "id_of_number",
    "is_within_reach",
    "left_message",
    "link",
    "linked_to",
    "locked",
    "move",
    "open_conversation",
    "open_of_agent",
    "open_with",
    "path_of",
    "record_past",
    "restore_disposition",
    "retire_disposition",
    "save_disposition",
    "save_wrap_up_draft",
    "set_customer",
    "set_language",
    "start_recording",
    "submit_wrap_up",
    "timeline",
    "to_handle",
    "to_handle_locked",
    "took_part",
    "visible",
    "wrap_up_of",
    "write_note",
]
