"""A caller with SIPp: a real SIP call with real audio from a loopback address, keys pressed as RFC 4733 events."""

from __future__ import annotations

import math
import shutil
import struct
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

SCENARIO = Path(__file__).parent / "sipp" / "caller.xml"
DIGITS = Path("/usr/share/sip-tester")


@dataclass(slots=True)
class Caller:
    """A running SIPp process."""

    process: subprocess.Popen[str]
    folder: Path

    def wait(self, timeout: float = 60) -> int:
        """Its exit code: 0 when the call went through to its end."""
        return self.process.wait(timeout)

    def hang_up(self) -> None:
        """Stop calling: SIPp ends the call and itself."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)


def tone(path: Path, hertz: float = 440.0, seconds: float = 4.0) -> Path:
    """A voice to recognise: a steady tone, 8 kHz mono 16 bit."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        count = int(8000 * seconds)
        samples = (int(9000 * math.sin(2 * math.pi * hertz * i / 8000)) for i in range(count))
        out.writeframes(struct.pack(f"<{count}h", *samples))
    return path


def call(
    folder: Path, *, sip_port: int, service: str, number: str, keys: str = "", seconds: float = 20,
    local: str = "127.0.0.2", display: str = "",
) -> Caller:  # fmt: skip
    """Start a call. `keys` are pressed after 2 s each (a comma waits 1 s); the caller hangs up after `seconds` more."""
    if shutil.which("sipp") is None:
        raise RuntimeError("SIPp is not installed: apt install sip-tester")
    folder.mkdir(parents=True, exist_ok=True)
    voice = tone(folder / "voice.wav")
    steps = "".join(
        '<pause milliseconds="1000"/>' if key == "," else
        '<pause milliseconds="2000"/><nop><action><exec play_pcap_audio='
        f'"{DIGITS}/dtmf_2833_{ {"*": "star", "#": "pound"}.get(key, key) }.pcap"/></action></nop>'
        for key in keys
    )  # fmt: skip
    text = SCENARIO.read_text(encoding="utf-8")
    for name, value in {
        "[voice]": str(voice), "[keys]": steps, "[patience]": str(int(seconds * 1000)),
        "[from_number]": number, "[from_display]": display,
    }.items():  # fmt: skip
        text = text.replace(name, value)
    scenario = folder / "caller.xml"
    scenario.write_text(text, encoding="utf-8")
    out = (folder / "out.txt").open("w")
    process = subprocess.Popen(
        ["sipp", "-sf", str(scenario), "-s", service, "-i", local, "-mi", local, "-m", "1", "-nostdin", "-trace_err", "-timeout", str(int(seconds + 60)), f"127.0.0.1:{sip_port}"],
        cwd=folder, stdout=out, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return Caller(process, folder)
