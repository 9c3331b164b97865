"""What was acknowledged to a customer or an agent is there, once and in order; what an agent wrote has arrived at the other side once, or
is in doubt and says so. Pure but for the look at the messages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chaos.visitors import Visitor
from tests.journeys.system import System

_MESSAGES = """
SELECT m.id, m.external_id, m.text, m.place, m.conversation_id, m.author, m.peer, l.channel, d.state AS delivery
  FROM messaging_message m JOIN messaging_line l ON l.id = m.line_id LEFT JOIN messaging_delivery d ON d.message_id = m.id
 ORDER BY m.conversation_id, m.place
"""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What customers were told is kept, and what their side has got: mails by text, SMS by telephone and text, in order of arrival."""

    mails: Sequence[str]
    mails_got: Sequence[str]
    texts: Sequence[tuple[str, str]]
    texts_got: Sequence[tuple[str, str]]


def messages(system: System) -> list[Row]:
    """All of them, with how their delivery stands."""
    return list(system.rows(_MESSAGES))


def written_findings(
    rows: Sequence[Row], visitors: Iterable[Visitor], said: Said, answers: Mapping[str, str]
) -> list[str]:
    """Everything that is wrong with words."""
    return [
        *chat_findings([row for row in rows if row["channel"] == "chat"], visitors),
        *_kept("mails", said.mails, [row["external_id"] for row in _of_customers(rows, "mail")]),
        *_kept("SMS", said.texts, [(row["peer"], row["text"]) for row in _of_customers(rows, "sms")]),
        *_answers(rows, answers),
        *_gone("mail", rows, Counter(said.mails_got), _places(said.mails_got)),
        *_gone(
            "SMS",
            rows,
            Counter(text for _phone, text in said.texts_got),
            _places([text for _phone, text in said.texts_got]),
        ),
    ]


def in_doubt(rows: Sequence[Row]) -> int:
    """Messages of which nobody knows whether they arrived: a person sees them, and they are not sent again by themselves."""
    return sum(row["delivery"] == "in_doubt" for row in rows)


def chat_findings(rows: Sequence[Row], visitors: Iterable[Visitor]) -> Iterable[str]:
    """What was acknowledged is there once, and in the order in which it was said."""
    by_key = Counter(_key(row) for row in rows if row["author"] == "customer")
    order = {_key(row): (row["conversation_id"], row["place"]) for row in rows}
    for visitor in visitors:
        lost = [key for key in visitor.said.keys if not by_key[key]]
        twice = [key for key in visitor.said.keys if by_key[key] > 1]
        if lost:
            yield f"{visitor.name}: {len(lost)} messages lost"
        if twice:
            yield f"{visitor.name}: {len(twice)} messages doubled"
        places = [order[key] for key in visitor.said.keys if key in order]
        for (talk, place), (next_talk, next_place) in pairwise(places):
            if talk == next_talk and place >= next_place:
                yield f"{visitor.name}: out of order"


def _key(row: Row) -> str:
    return str(row["external_id"]).rpartition("/")[2]


def _of_customers(rows: Sequence[Row], channel: str) -> list[Row]:
    return [row for row in rows if row["channel"] == channel and row["author"] == "customer"]


def _kept(what: str, said: Sequence[Any], kept: Sequence[Any]) -> Iterable[str]:
    there = Counter(kept)
    lost, twice = [each for each in said if not there[each]], [each for each in said if there[each] > 1]
    if lost:
        yield f"{len(lost)} {what} of customers lost, the first one {lost[0]}"
    if twice:
        yield f"{len(twice)} {what} of customers doubled, the first one {twice[0]}"


def _answers(rows: Sequence[Row], answers: Mapping[str, str]) -> Iterable[str]:
    """What an agent was told is written is written, once."""
    ours = {str(row["id"]): row["text"] for row in rows if row["author"] == "staff"}
    lost = [each for each in answers if ours.get(each) != answers[each]]
    if lost:
        yield f"{len(lost)} answers of agents lost"


def _gone(what: str, rows: Sequence[Row], got: Mapping[str, int], places: Mapping[str, int]) -> Iterable[str]:
    """What left by a channel: at the other side once where we say that it was sent, in order, and never twice."""
    channel = "mail" if what == "mail" else "sms"
    ours = [row for row in rows if row["channel"] == channel and row["author"] == "staff"]
    found = {
        "arrived twice": [row for row in ours if got.get(row["text"], 0) > 1],
        "are sent as we say, and did not arrive": [
            row for row in ours if row["delivery"] in ("sent", "delivered") and not got.get(row["text"], 0)
        ],
        "have failed": [row for row in ours if row["delivery"] == "failed"],
        "have not left": [row for row in ours if row["delivery"] in ("waiting", "sending", None)],
        "arrived out of order": _disordered(ours, places),
    }
    for how, wrong in found.items():
        if wrong:
            yield f"{len(wrong)} {what} answers {how}, the first one {wrong[0]['id']}"


def _disordered(ours: Sequence[Row], places: Mapping[str, int]) -> list[Row]:
    talks: dict[object, list[Row]] = defaultdict(list)
    for row in ours:
        if row["text"] in places:
            talks[row["conversation_id"]].append(row)
    return [
        later
        for talk in talks.values()
        for earlier, later in pairwise(talk)
        if places[earlier["text"]] > places[later["text"]]
    ]


def _places(got: Sequence[str]) -> dict[str, int]:
    return {text: place for place, text in enumerate(got)}
