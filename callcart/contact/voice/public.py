"""The public face of voice. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

Softphones   softphone_credentials
Wishes       request_hangup, request_hold, request_unhold, request_rejoin
Reading      media_state, voice_is_up
Events       call.media (one: conversation_id, state talk | hold | agent_lost); telephony.state (staff: up)
"""

from callcart.contact.voice.accounts import Credentials, softphone_credentials
from callcart.contact.voice.requests import (
    NoSuchTalk,
    media_state,
    request_hangup,
    request_hold,
    request_rejoin,
    request_unhold,
    voice_is_up,
)
from callcart.contact.voice.states import Media

__all__ = [
    "Credentials",
    "Media",
    "NoSuchTalk",
    "media_state",
    "request_hangup",
    "request_hold",
    "request_rejoin",
    "request_unhold",
    "softphone_credentials",
    "voice_is_up",
]
