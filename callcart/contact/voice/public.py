"""The public face of voice. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

Softphones   softphone_credentials
Wishes       request_hangup, request_hold, request_unhold, request_rejoin, pause_recording, resume_recording
Passing on   request_colleague, request_outside, request_queue, request_menu, request_survey, request_step, consult_of
Calling out  dial
Pages        dial_page, guest_credentials, come_in, guest_leaves, is_open, page_refused: a customer's page as the other side
Supervisors  watch, unwatch, take_over, watchers
Reading      media_state, telephones
Events       call.watching (one: what a supervisor does on a talk), call.watched (one: its agent, where he is to know); call.media (board: conversation_id, state talk | hold | agent_lost); telephony.state (staff: up); call.consult (one: state
             calling | in | out | ended | completed, why); voice.alarm (board: limit): a call outside was refused; strangers knock; a prompt (key) is not heard as it should be
"""

from callcart.contact.voice.accounts import Credentials, softphone_credentials
from callcart.contact.voice.guests import (
    BY_PAGE,
    GuestCredentials,
    GuestIn,
    come_in,
    dial_page,
    guest_credentials,
    guest_leaves,
    is_open,
)
from callcart.contact.voice.guests import refused as page_refused
from callcart.contact.voice.outbound import CannotDial, DialRefused, dial
from callcart.contact.voice.passing import (
    AnotherIsThere,
    consult_of,
    request_colleague,
    request_menu,
    request_outside,
    request_queue,
    request_step,
    request_survey,
)
from callcart.contact.voice.records import Consult, Line
from callcart.contact.voice.requests import (
    NoSuchTalk,
    NothingParked,
    Parked,
    Telephones,
    line_of,
    media_state,
    parked,
    pause_recording,
    pick_up,
    request_hangup,
    request_hold,
    request_mute,
    request_park,
    request_rejoin,
    request_unhold,
    request_unmute,
    resume_recording,
    telephones,
)
from callcart.contact.voice.states import Media, Request, Side, Silent, Watch
from callcart.contact.voice.studio.states import TakeState, Why
from callcart.contact.voice.studio.takes import AnotherTake, NoTelephones, TakeView
from callcart.contact.voice.studio.takes import begin as begin_take
from callcart.contact.voice.studio.takes import of_prompt as take_of_prompt
from callcart.contact.voice.studio.takes import withdraw as withdraw_take
from callcart.contact.voice.supervising import NotReady, take_over, unwatch, watch, watchers

__all__ = [
    "BY_PAGE",
    "AnotherIsThere",
    "AnotherTake",
    "CannotDial",
    "Consult",
    "Credentials",
    "DialRefused",
    "GuestCredentials",
    "GuestIn",
    "Line",
    "Media",
    "NoSuchTalk",
    "NoTelephones",
    "NotReady",
    "NothingParked",
    "Parked",
    "Request",
    "Side",
    "Silent",
    "TakeState",
    "TakeView",
    "Telephones",
    "Watch",
    "Why",
    "begin_take",
    "come_in",
    "consult_of",
    "dial",
    "dial_page",
    "guest_credentials",
    "guest_leaves",
    "is_open",
    "line_of",
    "media_state",
    "page_refused",
    "parked",
    "pause_recording",
    "pick_up",
    "request_colleague",
    "request_hangup",
    "request_hold",
    "request_menu",
    "request_mute",
    "request_outside",
    "request_park",
    "request_queue",
    "request_rejoin",
    "request_step",
    "request_survey",
    "request_unhold",
    "request_unmute",
    "resume_recording",
    "softphone_credentials",
    "take_of_prompt",
    "take_over",
    "telephones",
    "unwatch",
    "watch",
    "watchers",
    "withdraw_take",
]
