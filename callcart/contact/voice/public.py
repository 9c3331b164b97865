"""The public face of voice. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

Softphones   softphone_credentials
Wishes       request_hangup, request_hold, request_unhold, request_rejoin
Reading      media_state, telephones
Events       call.media (board: conversation_id, state talk | hold | agent_lost); telephony.state (staff: up)
"""

from callcart.contact.voice.accounts import Credentials, softphone_credentials
from callcart.contact.voice.requests import (
    NoSuchTalk,
    Telephones,
    media_state,
    request_hangup,
    request_hold,
    request_rejoin,
    request_unhold,
    telephones,
)
from callcart.contact.voice.states import Media

__all__ = [
    "Credentials",
    "Media",
    "NoSuchTalk",
    "Telephones",
    "media_state",
    "request_hangup",
    "request_hold",
    "request_rejoin",
    "request_unhold",
    "softphone_credentials",
    "telephones",
]
