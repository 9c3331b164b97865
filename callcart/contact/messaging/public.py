"""The public face of written conversations.

Lines                 all_lines, line_by_id, add_line, change_line, switch_line, kinds, channel_of
Coming in             LineSink (for channels), receive (in the transaction in hand), take_in (what a provider calls us with)
Writing               reply, write_first, has_stopped
Waiting               enqueue (outside of any transaction: one that was heard and is in no queue)
An agent's hand       take, set_aside, finish, mark_spam, not_spam (outside of the request's transaction)
Outside of them       went (what LineCodes told: a sign-in code, a notice)
Dead letters          dead_deliveries, dead_arrivals, send_again, read_again
Chats on a page       visitors (the module: begin, visitor_of, says, heard …), visits (where they are),
                      transcripts (what was said, sent to them)
Reading               messages_of, inbox, is_late, late_ones, open_attachment
Processes             run_timers, Dispatcher, Listening, Held
Events                message.added, message.delivery, line.state (staff); line.changed (process)
"""

from callcart.contact.messaging import transcripts, visitors, visits
from callcart.contact.messaging.announce import went
from callcart.contact.messaging.arrive import receive
from callcart.contact.messaging.attach import PICTURES, is_active
from callcart.contact.messaging.dead import PAGE as DEAD_PAGE
from callcart.contact.messaging.dead import NotDead, dead_arrivals, dead_deliveries, read_again, send_again
from callcart.contact.messaging.deliver import Dispatcher, Held
from callcart.contact.messaging.hooked import take_in
from callcart.contact.messaging.lateness import is_late, late_ones
from callcart.contact.messaging.life import (
    HeardMeanwhile,
    SomebodyWasQuicker,
    finish,
    mark_spam,
    not_spam,
    set_aside,
    take,
)
from callcart.contact.messaging.lines import (
    AddressTaken,
    LineChanged,
    add_line,
    all_lines,
    change_line,
    kept_secrets,
    line_by_id,
    switch_line,
    try_line,
)
from callcart.contact.messaging.listening import Listening
from callcart.contact.messaging.queries import Inboxed, inbox, messages_of, open_attachment
from callcart.contact.messaging.queueing import enqueue
from callcart.contact.messaging.sink import LineSink
from callcart.contact.messaging.states import ArrivalState, Author, DeliveryState, LineState, MessageKind
from callcart.contact.messaging.stopping import has_stopped
from callcart.contact.messaging.timers import run_timers
from callcart.contact.messaging.transport import (
    Channel,
    File,
    Hooked,
    Incoming,
    LineFacts,
    NotTaken,
    Outgoing,
    Receipt,
    Refused,
    Setting,
    Sink,
    Unknown,
    channel_of,
    kinds,
)
from callcart.contact.messaging.write import LineOff, NotWritten, SaidStop, Words, reply, write_first

__all__ = [
    "DEAD_PAGE",
    "PICTURES",
    "AddressTaken",
    "ArrivalState",
    "Author",
    "Channel",
    "DeliveryState",
    "Dispatcher",
    "File",
    "HeardMeanwhile",
    "Held",
    "Hooked",
    "Inboxed",
    "Incoming",
    "LineChanged",
    "LineFacts",
    "LineOff",
    "LineSink",
    "LineState",
    "Listening",
    "MessageKind",
    "NotDead",
    "NotTaken",
    "NotWritten",
    "Outgoing",
    "Receipt",
    "Refused",
    "SaidStop",
    "Setting",
    "Sink",
    "SomebodyWasQuicker",
    "Unknown",
    "Words",
    "add_line",
    "all_lines",
    "change_line",
    "channel_of",
    "dead_arrivals",
    "dead_deliveries",
    "enqueue",
    "finish",
    "has_stopped",
    "inbox",
    "is_active",
    "is_late",
    "kept_secrets",
    "kinds",
    "late_ones",
    "line_by_id",
    "mark_spam",
    "messages_of",
    "not_spam",
    "open_attachment",
    "read_again",
    "receive",
    "reply",
    "run_timers",
    "send_again",
    "set_aside",
    "switch_line",
    "take",
    "take_in",
    "transcripts",
    "try_line",
    "visitors",
    "visits",
    "went",
    "write_first",
]
