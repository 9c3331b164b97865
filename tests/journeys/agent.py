"""An agent's telephone by plain SIP: registers with an account, rings, answers or declines. For exchanges whose accounts
are not made for browsers; an agent in a browser is the browser journeys' matter."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.environment import free_ports
from tests.journeys.caller import Telephone, start
from tests.journeys.sound import Sound
from tests.journeys.system import eventually


class Manner(StrEnum):
    """What it does when it has rung."""

    ANSWER = "answer"
    DECLINE = "decline"
    RING_ON = "ring_on"


@dataclass(frozen=True, slots=True)
class Account:
    """What to register with."""

    username: str
    password: str
    sip_port: int
    address: str = "127.0.0.1"


def register(folder: Path, account: Account, contact_port: int, *, expires: int = 600) -> int:
    """SIPp's exit code: 0 when the exchange took it. `expires` 0 takes the registration back."""
    sound = Sound(account.address)
    filled = {
        "[username_here]": account.username,
        "[password_here]": account.password,
        "[contact_port_here]": str(contact_port),
        "[expires_here]": str(expires),
    }
    done = start(
        folder, "register", filled, sound, local=account.address, target=f"127.0.0.1:{account.sip_port}",
        options=["-timeout", "10"],
    )  # fmt: skip
    try:
        return done.wait(20)
    except subprocess.TimeoutExpired:
        return -1
    finally:
        done.close()


def sit_down(
    folder: Path, account: Account, manner: Manner = Manner.ANSWER, *, hertz: int = 880
) -> Telephone:
    """Registered and ready for one call."""
    port = free_ports(1, account.address)[0]
    sound = Sound(account.address, hertz=hertz)
    filled = {"[manner_here]": manner.value, "[media_port_here]": str(sound.port)}
    telephone = start(folder, "agent", filled, sound, local=account.address, port=port)
    eventually(lambda: _listens(port), "the agent's telephone listens")
    assert register(folder / "register", account, port) == 0
    return telephone


def answering(folder: Path, address: str, port: int, *, hertz: int = 880) -> Telephone:
    """A telephone in the world outside that answers one call, where a way out ends."""
    sound = Sound(address, hertz=hertz)
    filled = {"[manner_here]": Manner.ANSWER.value, "[media_port_here]": str(sound.port)}
    telephone = start(folder, "agent", filled, sound, local=address, port=port)
    eventually(lambda: _listens(port), "the telephone listens")
    return telephone


def noted(telephone: Telephone, word: str, *, timeout: float = 15) -> str:
    """What the scenario noted behind a word: ringing, call, conversation, shown, media, cancelled."""
    eventually(lambda: f"{word}" in telephone.log(), f"the agent's telephone notes {word}", timeout=timeout)
    line = next(line for line in telephone.log().splitlines() if word in line)
    if word == "call":
        telephone.call_id = line.partition("call ")[2].strip()
    return line.partition(word)[2].strip()


def _listens(port: int) -> bool:
    wanted = f":{port:04X}"
    return any(wanted in line.split()[1] for line in Path("/proc/net/udp").read_text().splitlines()[1:])
