"""The telephones of the bench of calls, all of them SIPp on loopback: one that is every agent's, and runs of callers.

Sound, where it is wanted, is a caller's tone that the agent's telephone echoes: packets both ways on both legs.
"""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callcart.contact.voice.engine import Softphone
from tests.environment import free_ports

SCENARIOS = Path(__file__).parent / "sipp"
AGENTS = "127.0.0.40"
PATIENCE = 60
TALKS = '<nop><action><exec rtp_stream="tone.ul,-1,0"/></action></nop>'


@dataclass(frozen=True)
class Phones:
    """Where the telephones write, Asterisk's SIP port, and the ports of the agents' telephone."""

    folder: Path
    sip_port: int
    agents_port: int
    media_port: int

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.sip_port}"


def phones(folder: Path, sip_port: int) -> Phones:
    """Lay out the folder. Raises RuntimeError without SIPp."""
    if shutil.which("sipp") is None:
        raise RuntimeError("SIPp is not installed: apt install sip-tester")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tone.ul").write_bytes(
        bytes(_ulaw(8000 * math.sin(2 * math.pi * 440 * n / 8000)) for n in range(8000))
    )
    port, media = free_ports(2, AGENTS)
    return Phones(folder, sip_port, port, media)


def register(phones: Phones, accounts: Sequence[Softphone]) -> None:
    """Register each account with the agents' telephone as its address. Raises RuntimeError where one is refused."""
    # SIPp does not fill fields in within its word for the answer to a challenge: the whole of it is a field.
    rows = [
        f"{each.username};[authentication username={each.username} password={each.password}];{phones.agents_port}"
        for each in accounts
    ]
    (phones.folder / "accounts.csv").write_text("\n".join(["SEQUENTIAL", *rows, ""]), encoding="ascii")
    run = _sipp(
        phones, "register", AGENTS, free_ports(1, AGENTS)[0],
        ["-inf", "accounts.csv", "-m", str(len(accounts)), "-r", "50", "-timeout", str(PATIENCE), phones.target],
    )  # fmt: skip
    if run.wait(2 * PATIENCE) != 0:
        raise RuntimeError(f"an account was refused: {_errors(phones, 'register')}")


@contextmanager
def agents(phones: Phones) -> Iterator[None]:
    """The agents' telephone, there to be rung."""
    run = _sipp(
        phones, "agents", AGENTS, phones.agents_port, ["-mp", str(phones.media_port), "-rtp_echo"],
    )  # fmt: skip
    try:
        yield
        if run.poll() is not None:
            raise RuntimeError(f"the agents' telephone ended: {_errors(phones, 'agents')}")
    finally:
        run.kill()
        run.wait()


@dataclass(frozen=True)
class Callers:
    """A run of callers: how many in all, how many a second, how long they talk (seconds), from which address."""

    address: str
    service: str
    count: int
    rate: int
    talk: float
    sound: bool = False


@dataclass
class Calling:
    """Callers under way."""

    phones: Phones
    process: subprocess.Popen[bytes]

    def finish(self, seconds: float) -> tuple[int, int]:
        """Wait for the last one's end: how many calls went through and how many failed, as the callers saw it."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"callers do not end: {_errors(self.phones, 'callers')}") from None
        counts = self.phones.folder / "callers.csv"
        if not counts.exists():
            raise RuntimeError(f"callers did not start: {_errors(self.phones, 'callers')}")
        with counts.open(encoding="ascii", newline="") as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def calling(phones: Phones, run: Callers, *, block: int) -> Iterator[Calling]:
    """Start callers, each from a number of his own; `block` makes them unlike those of other runs."""
    (phones.folder / "callers.csv").unlink(missing_ok=True)
    numbers = [f"+1202{5_550_000 + 2000 * block + n}" for n in range(run.count)]
    (phones.folder / "numbers.csv").write_text("\n".join(["SEQUENTIAL", *numbers, ""]), encoding="ascii")
    command = [
        "-s", run.service, "-inf", "numbers.csv", "-r", str(run.rate), "-m", str(run.count), "-l", "5000", "-d", str(int(run.talk * 1000)),
        "-trace_stat", "-stf", "callers.csv", "-fd", "1", "-timeout", str(int(run.count / run.rate + run.talk) + 40),  phones.target,
    ]  # fmt: skip
    filled = {
        "[port_here]": "[rtpstream_audio_port]" if run.sound else "9",
        "<!-- media_here -->": TALKS if run.sound else "",
    }
    started = Calling(
        phones, _sipp(phones, "callers", run.address, free_ports(1, run.address)[0], command, filled)
    )
    try:
        yield started
    finally:
        started.end()


def _sipp(
    phones: Phones, scenario: str, address: str, port: int, options: Sequence[str], filled: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:  # fmt: skip
    text = (SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8")
    for name, value in (filled or {}).items():
        text = text.replace(name, value)
    (phones.folder / f"{scenario}.xml").write_text(text, encoding="utf-8")
    command = [
        "sipp", "-sf", f"{scenario}.xml", "-i", address, "-mi", address, "-p", str(port), "-nostdin",
        "-trace_err", "-error_file", f"{scenario}.err", *options,
    ]  # fmt: skip
    with (phones.folder / f"{scenario}.out").open("wb") as out:
        return subprocess.Popen(command, cwd=phones.folder, stdout=out, stderr=subprocess.STDOUT)


def _errors(phones: Phones, scenario: str) -> str:
    found = [phones.folder / f"{scenario}.{kind}" for kind in ("err", "out")]
    return "\n".join(
        path.read_text(encoding="utf-8", errors="replace")[:900] for path in found if path.exists()
    )


def _ulaw(value: float) -> int:
    """One sample of 16 bits in G.711 µ-law."""
    sign, magnitude = (0x80, -value) if value < 0 else (0, value)
    level = min(int(magnitude), 32635) + 132
    exponent = level.bit_length() - 8
    return ~(sign | exponent << 4 | (level >> (exponent + 3)) & 0x0F) & 0xFF
