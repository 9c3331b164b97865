"""The speaker: a process of its own that turns texts into WAV files for the telephone with espeak-ng (`python -m …speak`).

espeak-ng is under the GPL, so it is loaded here and nowhere else; the rest of Callcart talks to this process by lines of
JSON: `{"path", "text", "voice", "pitch", "speed"}` in, `{"path", "seconds"}` or `{"path", "error"}` out. It ends with its input.
Changing the rate is done here too, so that calls in the process that asks are not kept waiting for it.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from array import array
from pathlib import Path
from typing import Any

import espeakng_loader

from callcart.contact.voice.speech.sound import Sound, for_telephone, wav

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS of speak_lib.h
_UTF8 = 1
_SPEED, _PITCH = 1, 3  # espeak_PARAMETER
_Receiver = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The library, set up once; `speak` gives 16-bit samples at `rate` Hz."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        data = os.fsencode(espeakng_loader.get_data_path())
        self.rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0))
        if self.rate <= 0:
            raise RuntimeError("espeak-ng finds no voices")
        self._samples = bytearray()
        self._receiver = _Receiver(self._receive)  # kept: the library holds only a pointer to it
        self._library.espeak_SetSynthCallback(self._receiver)

    def _receive(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, count * 2)
        return 0

    def speak(self, text: str, *, voice: str, speed: int, pitch: int) -> bytes:
        """The text spoken; `speed` in words a minute, `pitch` 0 to 100. Raises RuntimeError where there is no such voice."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError(f"espeak-ng has no voice {voice}")
        self._library.espeak_SetParameter(_SPEED, speed, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        self._samples.clear()
        said = text.encode() + b"\0"
        if self._library.espeak_Synth(said, len(said), 0, 0, 0, _UTF8, None, None) != 0:
            raise RuntimeError("espeak-ng did not speak")
        self._library.espeak_Synchronize()
        return bytes(self._samples)


def _do(espeak: Espeak, job: dict[str, Any]) -> dict[str, Any]:
    try:
        samples = espeak.speak(
            str(job["text"]), voice=str(job["voice"]), speed=int(job["speed"]), pitch=int(job["pitch"])
        )
        sound = for_telephone(Sound(array("h", samples), espeak.rate))
        if not sound.samples:
            raise RuntimeError("nothing in the text can be spoken")
        Path(job["path"]).write_bytes(wav(sound))
    except (KeyError, ValueError, OSError, RuntimeError) as error:
        return {"path": job.get("path"), "error": str(error)}
    return {"path": job["path"], "seconds": sound.seconds}


def main() -> None:
    espeak = Espeak()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_do(espeak, json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
