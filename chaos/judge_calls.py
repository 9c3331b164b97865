"""What must be true of calls: each that was answered is one conversation, each has ended with us as at the telephone, and none was cut or
fell silent while Asterisk lived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.journeys.system import System

MOST_SILENCE = 5.0  # seconds without any sound in a talk
SORRY_SECONDS = (
    9.0  # a caller whom no voice process takes hears ringing for ten seconds, and then that nobody can answer
)
BACK_SECONDS = 15.0  # after Asterisk's return in which a call may still end of its death
_CONVERSATIONS = """
SELECT c.id, c.caller_e164, c.state, c.end_reason, v.state AS call, v.ended_at
  FROM conversations_conversation c JOIN voice_call v ON v.conversation_id = c.id
"""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call as its caller saw it. Times are the machine's clock; `silence` is the longest while without sound in a talk, in seconds."""

    number: str
    dialled_at: float
    answered_at: float | None
    ended_at: float | None
    by_us: bool
    reason: str
    talked: bool
    silence: float


@dataclass(frozen=True, slots=True)
class Calls:
    """All calls, and the conversations that agents have asked to end."""

    seen: Sequence[CallSeen]
    ended: frozenset[str]

    @classmethod
    def of(cls, seen: Iterable[Mapping[str, Any]], ended: Iterable[str]) -> Calls:
        return cls([CallSeen(**each) for each in seen], frozenset(ended))


def conversations(system: System) -> list[Row]:
    """All of the telephone."""
    return list(system.rows(_CONVERSATIONS))


def call_findings(rows: Sequence[Row], calls: Calls, deaths: Sequence[tuple[float, float]]) -> list[str]:
    """Everything that is wrong. `deaths`: when Asterisk was killed and when it was back."""
    of_number = Counter(row["caller_e164"] for row in rows)
    by_number = {row["caller_e164"]: row for row in rows}
    answered = [call for call in calls.seen if call.answered_at is not None]
    cut = [call for call in answered if _was_cut(call, by_number.get(call.number), calls.ended, deaths)]
    found = {
        "calls were answered and are no conversation": [
            call.number for call in answered if not of_number[call.number] and not _was_told_sorry(call)
        ],
        "calls are more than one conversation": [
            call.number for call in calls.seen if of_number[call.number] > 1
        ],
        "calls have ended and go on with us": [
            row["caller_e164"]
            for row in rows
            if row["ended_at"] is None or row["state"] not in ("closed", "wrap_up")
        ],
        "conversations ended without a reason": [
            row["caller_e164"] for row in rows if row["state"] == "closed" and not row["end_reason"]
        ],
        "calls were cut while Asterisk lived": [f"{call.number} ({call.reason})" for call in cut],
        f"talks were silent for more than {MOST_SILENCE:.0f} s": [
            f"{call.number} ({call.silence:.1f} s)" for call in answered if call.silence > MOST_SILENCE
        ],
    }
    return [f"{len(wrong)} {what}, the first one {wrong[0]}" for what, wrong in found.items() if wrong]


def sorry(rows: Sequence[Row], calls: Calls) -> int:
    """How many callers were told that nobody can answer: the voice process was away for longer than ten seconds."""
    known = {row["caller_e164"] for row in rows}
    return sum(call.number not in known and _was_told_sorry(call) for call in calls.seen)


def _was_told_sorry(call: CallSeen) -> bool:
    return call.answered_at is not None and call.answered_at - call.dialled_at >= SORRY_SECONDS


def outlived(calls: Calls, blows: Sequence[tuple[float, float]]) -> int:
    """How many times a call was on the line before a process other than Asterisk was killed, and still was when it was back."""
    return sum(
        call.answered_at is not None and call.answered_at < died and (call.ended_at or back) >= back
        for call in calls.seen
        for died, back in blows
    )


def _was_cut(
    call: CallSeen, row: Row | None, asked: frozenset[str], deaths: Sequence[tuple[float, float]]
) -> bool:
    """Whether the other side ended it though nobody there had reason to."""
    if call.by_us or call.ended_at is None or row is None:
        return False
    if str(row["id"]) in asked:
        return False
    return not any(died - 1 < call.ended_at < back + BACK_SECONDS for died, back in deaths)
