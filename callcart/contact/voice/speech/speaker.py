"""Our end of the speaking process: started at first use, kept for the next text, started anew where it died.

Gives sound fit for the telephone; never loads the speech library into this process.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcart.contact.voice.speech.sound import Sound, read_wav


class NotSpoken(Exception):
    """The text could not be turned into speech."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a text is spoken: a voice of espeak-ng, words a minute, and pitch from 0 to 100."""

    name: str
    speed: int
    pitch: int = 50


class Speaker:
    """The process behind pipes. Texts are spoken one after another; callable from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def speak(self, text: str, voice: Voice) -> Sound:
        """The text spoken, for the telephone. Raises NotSpoken."""
        with tempfile.TemporaryDirectory(prefix="callcart-speech-") as folder:
            path = Path(folder) / "speech.wav"
            job = {
                "path": str(path),
                "text": text,
                "voice": voice.name,
                "speed": voice.speed,
                "pitch": voice.pitch,
            }
            answer = self._ask(job)
            if "error" in answer:
                raise NotSpoken(answer["error"])
            return read_wav(path.read_bytes())

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        line = json.dumps(job)
        with self._lock:
            for attempt in (1, 2):  # a process that died since the last text gets one successor
                process = self._running()
                assert process.stdin is not None and process.stdout is not None
                try:
                    process.stdin.write(line + "\n")
                    process.stdin.flush()
                    answer = process.stdout.readline()
                except OSError:
                    answer = ""
                if answer:
                    found: dict[str, Any] = json.loads(answer)
                    return found
                self._end()
                if attempt == 2:
                    break
        raise NotSpoken("the speaking process ended")

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "callcart.contact.voice.speech.speak"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                cwd=Path(__file__).resolve().parents[4],
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


speaker = Speaker()
atexit.register(speaker.close)
