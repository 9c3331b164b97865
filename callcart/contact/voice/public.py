"""The public face of voice. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

Softphones   softphone_credentials
Wishes       request_hangup, request_hold, request_unhold, request_rejoin, pause_recording, resume_recording
Passing on   request_colleague, request_outside, request_queue, request_menu, request_step, consult_of
Calling out  dial
Supervisors  watch, unwatch, take_over, watchers
Reading      media_state, telephones
Events       call.watching (one: what a supervisor does on a talk), call.watched (one: its agent, where he is to know); call.media (board: conversation_id, state talk | hold | agent_lost); telephony.state (staff: up); call.consult (one: state
             calling | in | out | ended | completed, why); voice.alarm (board: limit): a call outside was refused
"""

from callcart.contact.voice.accounts import Credentials, softphone_credentials
from callcart.contact.voice.outbound import CannotDial, DialRefused, dial
from callcart.contact.voice.passing import (
    AnotherIsThere,
    consult_of,
    request_colleague,
    request_menu,
    request_outside,
    request_queue,
    request_step,
)
from callcart.contact.voice.records import Consult
from callcart.contact.voice.requests import (
    NoSuchTalk,
    Telephones,
    media_state,
    pause_recording,
    request_hangup,
    request_hold,
    request_rejoin,
    request_unhold,
    resume_recording,
    telephones,
)
from callcart.contact.voice.states import Media, Request, Side, Watch
from callcart.contact.voice.supervising import NotReady, take_over, unwatch, watch, watchers

__all__ = [
    "AnotherIsThere",
    "CannotDial",
    "Consult",
    "Credentials",
    "DialRefused",
    "Media",
    "NoSuchTalk",
    "NotReady",
    "Request",
    "Side",
    "Telephones",
    "Watch",
    "consult_of",
    "dial",
    "media_state",
    "pause_recording",
    "request_colleague",
    "request_hangup",
    "request_hold",
    "request_menu",
    "request_outside",
    "request_queue",
    "request_rejoin",
    "request_step",
    "request_unhold",
    "resume_recording",
    "softphone_credentials",
    "take_over",
    "telephones",
    "unwatch",
    "watch",
    "watchers",
]
