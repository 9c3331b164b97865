"""Whether somebody has said something: what lies in a file, in stretches of a tenth of a second. Reads it piece by piece."""

from __future__ import annotations

import array
import sys

from callcart.contact.voice.waves import HEADER, Track

STRETCH_S = 0.1
LOUD = 330  # of 32,767: about -40 dB, above the noise of a line
LEAST_S = 2.0  # from the first sound to the last
LEAST_LOUD_S = 0.8  # of that, sound: two clicks far apart are no message


def says_something(track: Track) -> bool:
    """Whether there are two seconds of sound at least."""
    loud = list(_loud(track))
    heard = [at for at, each in enumerate(loud) if each]
    if not heard:
        return False
    span = (heard[-1] - heard[0] + 1) * STRETCH_S
    return span >= LEAST_S - 1e-9 and len(heard) * STRETCH_S >= LEAST_LOUD_S - 1e-9


def _loud(track: Track) -> list[bool]:
    size = round(track.rate * STRETCH_S)
    found = []
    with track.path.open("rb") as file:
        file.seek(HEADER)
        while data := file.read(2 * size):
            samples = array.array("h", data[: len(data) // 2 * 2])
            if sys.byteorder == "big":
                samples.byteswap()
            found.append(bool(samples) and max(max(samples), -min(samples)) >= LOUD)
    return found
