"""Writing down what a leg says: ARI's recording of one channel, into a file that begins once."""

from __future__ import annotations

from urllib.parse import quote

from callcart.contact.voice.engine import Refused
from callcart.integrations.asterisk.ari import Ari, Rejected

GONE = 404
EXISTS = 409  # a recording of this name runs, or its file is there


async def begin(ari: Ari, channel: str, name: str, *, seconds: int, silence: int) -> bool | None:
    """True: it runs, from now on or already. False: the leg is gone. None: it has ended before. Raises Refused, EngineUnreachable."""
    wanted = {
        "name": name,
        "format": "wav",
        "ifExists": "fail",
        "maxDurationSeconds": str(seconds),
        "maxSilenceSeconds": str(silence),
        "terminateOn": "#",
    }
    try:
        await ari.post(f"channels/{quote(channel, safe='')}/record", **wanted)
    except Rejected as error:
        if error.status == GONE:
            return False
        if error.status != EXISTS:
            raise Refused(str(error)) from error
        return True if await _runs(ari, name) else None
    return True


async def _runs(ari: Ari, name: str) -> bool:
    try:
        await ari.get(f"recordings/live/{quote(name, safe='')}")
    except Rejected:
        return False
    return True
