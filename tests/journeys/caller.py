"""A caller: SIPp speaks SIP from a loopback address, the test itself sends and hears the sound.

`call()` starts one and returns at once; it is answered, presses keys and hangs up when the test says so.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.environment import free_ports
from tests.journeys.sound import Heard, Sound
from tests.journeys.system import eventually

SCENARIOS = Path(__file__).parent / "sipp"


@dataclass(slots=True)
class Telephone:
    """A running SIPp and its sound."""

    process: subprocess.Popen[bytes]
    folder: Path
    sound: Sound
    address: str
    sip_port: int
    call_id: str = ""

    @property
    def heard(self) -> Heard:
        return self.sound.heard

    def log(self) -> str:
        """What the scenario has noted."""
        path = self.folder / "log.txt"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def wait_answered(self, timeout: float = 20) -> None:
        """Until there is sound in both directions' way; it speaks from then on."""

        def answered() -> bool:
            self._refuse_dead()
            return "media " in self.log()

        eventually(answered, "the call is answered", timeout=timeout)
        port = int(self.log().rpartition("media ")[2].split()[0])
        self.sound.speak_to("127.0.0.1", port)

    def press(self, keys: str) -> None:
        self.sound.press(keys)

    def hang_up(self) -> None:
        """Leave the call as a person does, answered or not, and wait for SIPp's end."""
        self.tell_to_leave()
        self.process.wait(15)

    def tell_to_leave(self) -> None:
        """An INFO with the call's id, from the test to SIPp, is this scenario's word for "leave now"."""
        note = (
            "INFO sip:telephone@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKleave\r\n"
            "From: <sip:test@127.0.0.1>;tag=test\r\nTo: <sip:telephone@127.0.0.1>;tag=told\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: 77 INFO\r\nContent-Length: 0\r\n\r\n"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(note.encode(), (self.address, self.sip_port))

    def other_side_left(self) -> bool:
        """Whether the other side said good-bye."""
        return "other side left" in self.log()

    def wait(self, timeout: float = 60) -> int:
        """Its exit code: 0 when the call went through to its end."""
        return self.process.wait(timeout)

    def close(self) -> None:
        """End it whatever it does; a call in hand is hung up first."""
        if self.process.poll() is None:
            self.tell_to_leave()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.sound.close()

    def _refuse_dead(self) -> None:
        code = self.process.poll()
        if code is not None and "media " not in self.log():
            raise AssertionError(f"SIPp ended with {code} before an answer: {self.log()!r}")


Caller = Telephone


def call(
    folder: Path,
    *,
    sip_port: int,
    service: str,
    number: str,
    local: str = "127.0.0.2",
    display: str = "",
    headers: str = "",
    hertz: int = 440,
) -> Caller:
    """Start a call to Asterisk's `sip_port` from a number (or `anonymous`). `headers`: further SIP headers, a line each."""
    sound = Sound(local, hertz=hertz)
    call_id = f"{uuid.uuid4().hex}@{local}"
    filled = {
        "[media_port_here]": str(sound.port),
        "[from_number]": number,
        "[from_display]": display,
        "[more_headers]": "".join(f"{line}\n" for line in headers.splitlines()),
    }
    return start(
        folder, "caller", filled, sound, local=local, call_id=call_id, target=f"127.0.0.1:{sip_port}",
        options=["-s", service],
    )  # fmt: skip


def start(
    folder: Path, scenario: str, filled: dict[str, str], sound: Sound, *, local: str, call_id: str = "",
    target: str = "", options: list[str] | None = None, port: int = 0,
) -> Telephone:  # fmt: skip
    """Run a scenario of `sipp/` for one call, with its places filled in."""
    if shutil.which("sipp") is None:
        raise RuntimeError("SIPp is not installed: apt install sip-tester")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.txt").unlink(missing_ok=True)
    text = (SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8")
    for name, value in filled.items():
        text = text.replace(name, value)
    (folder / f"{scenario}.xml").write_text(text, encoding="utf-8")
    port = port or free_ports(1, local)[0]
    command = [
        "sipp", "-sf", f"{scenario}.xml", "-i", local, "-p", str(port), "-m", "1", "-nostdin", "-trace_err",
        "-error_file", "errors.txt", "-trace_logs", "-log_file", "log.txt", *(options or []),
        *(["-cid_str", call_id] if call_id else []), *([target] if target else []),
    ]  # fmt: skip
    with (folder / "out.txt").open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
    return Telephone(process, folder, sound, local, port, call_id)
