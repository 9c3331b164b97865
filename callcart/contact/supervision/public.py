"""The public face of supervision. Lending and moving go outside of the request's transaction; the rest stands inside `tenant_transaction`.

Limits       limits_by_queue, own_limits, set_limits, drop_limits, judged, worst
Messages     send, withdraw, unread, mark_read, sent, sent_message, readers
Displays     make_wall, revoke_wall, walls, wall_of
Queues lent  lend, give_back, running, history_of
The waiting  move, move_all, queues_within
Time         run_timers(stop)
Events       broadcast.made (one: its reader), broadcast.read (one: its sender); agent.queues (board)
"""

from callcart.contact.supervision.broadcast import (
    Sent,
    Unread,
    mark_read,
    readers,
    send,
    sent,
    sent_message,
    unread,
    withdraw,
)
from callcart.contact.supervision.lending import Lent, give_back, history_of, lend, running
from callcart.contact.supervision.limits import (
    ChangedMeanwhile,
    drop_limits,
    limits_by_queue,
    own_limits,
    set_limits,
)
from callcart.contact.supervision.moving import NotWaiting, SameQueue, move, move_all, queues_within
from callcart.contact.supervision.states import MEASURES, Alert, Audience, Limits, judged, worst
from callcart.contact.supervision.timers import run_timers
from callcart.contact.supervision.walls import make_wall, revoke_wall, wall_of, walls

__all__ = [
    "MEASURES",
    "Alert",
    "Audience",
    "ChangedMeanwhile",
    "Lent",
    "Limits",
    "NotWaiting",
    "SameQueue",
    "Sent",
    "Unread",
    "drop_limits",
    "give_back",
    "history_of",
    "judged",
    "lend",
    "limits_by_queue",
    "make_wall",
    "mark_read",
    "move",
    "move_all",
    "own_limits",
    "queues_within",
    "readers",
    "revoke_wall",
    "run_timers",
    "running",
    "send",
    "sent",
    "sent_message",
    "set_limits",
    "unread",
    "wall_of",
    "walls",
    "withdraw",
    "worst",
]
