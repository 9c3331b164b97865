"""What is killed, and when in the life of a conversation: a plan that a seed gives again. Pure.

Each process is killed at each named moment before any is killed twice at one; what is left of the kills comes at random.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

KILLED = ("web", "live", "worker", "postgres", "voice", "asterisk")
PAUSE = (0.5, 5.0)


class Moment(StrEnum):
    """Where in its life a conversation is when the blow falls."""

    WAIT = "wait"
    OFFER = "offer"
    ANSWER = "answer"
    TALK = "talk"
    TRANSFER = "transfer"
    WRAP_UP = "wrap_up"
    ANY = "any"


NAMED: tuple[Moment, ...] = tuple(each for each in Moment if each is not Moment.ANY)


@dataclass(frozen=True, slots=True)
class Blow:
    """One kill to come; `pause` is how long the system is left alone before it, in seconds."""

    process: str
    moment: Moment
    pause: float


def plan(kills: int, seed: int) -> list[Blow]:
    """So many blows: by diagonals of processes and moments, so that a short plan has each process and each moment too."""
    chance = random.Random(seed)
    diagonals = [
        [(process, NAMED[(place + shift) % len(NAMED)]) for place, process in enumerate(KILLED)]
        for shift in range(len(NAMED))
    ]
    chance.shuffle(diagonals)
    chosen = [pair for diagonal in diagonals for pair in diagonal][:kills]
    chosen += [(chance.choice(KILLED), Moment.ANY) for _each in range(kills - len(chosen))]
    chance.shuffle(chosen)
    return [Blow(process, moment, chance.uniform(*PAUSE)) for process, moment in chosen]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many talk at once, by channel."""

    chats: int
    mails: int
    texts: int
    calls: int

    @classmethod
    def of(cls, talks: int, *, calls: bool = True) -> Crowd:
        """A third chats, a quarter calls, the rest mails and SMS by halves."""
        voices = talks // 4 if calls else 0
        chats = (talks - voices) * 7 // 15
        mails = (talks - voices - chats) // 2
        return cls(chats, mails, talks - voices - chats - mails, voices)
