"""The interface between a call and the flow that talks to the caller before a person does (menu, read-outs).

Voice declares it, a higher room implements it, the process main brings them together. A flow is pure: input in,
actions out; what it wants to know from the business it asks by name (`Ask`), and gets as an `Answered` input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said. `key` names a prompt that a tenant may have replaced; `text` is what is said otherwise."""

    text: str
    language: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a flow may know of a call. `caller_e164` is empty where the number is hidden or makes no sense."""

    tenant_id: int
    conversation_id: UUID
    language: str
    caller_e164: str = ""
    service_number: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """Say this; a key pressed meanwhile stops it. `then_wait`: seconds of silence after it that give a Silence. `note`: what
    else the path of the conversation keeps of it.

    Actions are done in order, each after the one before. A Say that others follow is said to its end (or to a key, which
    is then only a wish to hurry), and they follow at once; the last one gives Said, Silence or Key."""

    utterances: tuple[Utterance, ...]
    then_wait: float = 0
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """Read something from the business (`Flow.look_up` runs in a thread); the result comes back as Answered. `about`: what the
    question needs to know, which may be a secret and is never logged."""

    question: str
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing, and wait for a key; so many seconds without one give a Silence."""

    seconds: float


@dataclass(frozen=True, slots=True)
class UseLanguage:
    language: str


@dataclass(frozen=True, slots=True)
class ToQueue:
    """Hand over to people: the queue of this id, else that of the service number, or the tenant's for this language. `always`: also out
    of that queue's hours. A queue that cannot be waited in says what is heard instead (Diverted)."""

    language: str
    queue: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True)
class EndCall:
    """End the call from our side; `reason` is an end reason of conversations."""

    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """Write down what the caller says after a tone, into the file `name`, until `#`, so many seconds of `silence`, or `seconds`; Recorded
    follows. What was said before a hang-up or a restart stays in that file. Wanted again for the same name it goes on."""

    name: str
    seconds: int
    silence: int


Action = Say | Ask | Wait | UseLanguage | ToQueue | EndCall | Record


@dataclass(frozen=True, slots=True)
class Started:
    pass


@dataclass(frozen=True, slots=True)
class Key:
    digit: str


@dataclass(frozen=True, slots=True)
class Said:
    """What was to be said has been said, and no silence was asked for."""


@dataclass(frozen=True, slots=True)
class Silence:
    pass


@dataclass(frozen=True, slots=True)
class Answered:
    question: str
    value: Any = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """The end of a Record. `failed`: nothing can be written down just now."""

    name: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Diverted:
    """The caller shall hear something else than the menu: `to` names what (`voicemail`, `survey`, `told_closed`), `about` what it needs to know. Comes
    instead of Started, at any time."""

    to: str
    about: Mapping[str, str] = field(default_factory=dict)


Input = Started | Key | Said | Silence | Answered | Recorded | Diverted


@dataclass(frozen=True, slots=True)
class Reaction:
    """The flow's next state (plain JSON values) and what to do, in order."""

    state: dict[str, Any]
    actions: tuple[Action, ...] = field(default=())


class Flow(Protocol):
    """What a caller hears before and between people."""

    def react(self, facts: CallFacts, state: dict[str, Any], given: Input) -> Reaction:
        """Pure and quick. After a restart of our process in the middle of a menu comes a Silence, whatever was going on."""
        ...

    def hung_up(self, state: dict[str, Any]) -> str:
        """The end reason of a caller who hangs up in this state of the flow. Pure and quick."""
        ...

    def hides_keys(self, state: dict[str, Any]) -> bool:
        """Whether what is pressed in this state is a secret that nobody may read afterwards. Pure and quick."""
        ...

    def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        """Read from the business, and write down what the caller proves; runs in a thread inside the tenant's transaction."""
        ...

    def place_in_queue(self, language: str, position: int, seconds: int | None) -> Sequence[Utterance]:
        """What a waiting caller is told."""
        ...

    def callback_offer(self, language: str) -> Sequence[Utterance]:
        """What a waiting caller is told who may hang up, keep the place and be called back."""
        ...

    def agent_lost(self, language: str) -> Sequence[Utterance]: ...

    def refused(self, language: str) -> Sequence[Utterance]:
        """What is said before a call is ended because nobody can take it."""
        ...


class Speech(Protocol):
    """Turns utterances into sounds the engine can play."""

    def sounds(self, tenant_id: int, utterances: Sequence[Utterance]) -> list[str]:
        """Names of sounds; renders what is not cached. Runs in a thread, outside a transaction."""
        ...
