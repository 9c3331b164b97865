"""Music on hold, made by us: slow soft chords with a plain melody above, quiet enough to think beside, and nobody's property.

The piece is a table of notes. It ends where it begins, so that it goes round without a seam.
"""

from __future__ import annotations

import math
from array import array
from functools import cache

from callcart.contact.voice.speech.sound import RATE, Sound

_BEAT_S = 0.75
_BEATS = 64
_PEAK = 0.22  # of full scale: under a voice, above a line's noise

# Four beats each: F, Dm, B flat, C, twice round, then a middle part; notes as MIDI numbers.
_CHORDS = (
    (53, 57, 60), (50, 57, 62), (46, 58, 62), (48, 55, 64),
    (53, 60, 65), (50, 57, 65), (46, 53, 62), (48, 55, 60),
    (45, 57, 60), (50, 57, 62), (43, 58, 62), (48, 58, 64),
    (53, 57, 60), (46, 58, 62), (48, 55, 64), (53, 57, 65),
)  # fmt: skip
# (beat, note, beats it rings)
_MELODY = (
    (2, 72, 2), (4, 74, 2), (6, 69, 2), (9, 70, 1.5), (10.5, 72, 1.5), (13, 67, 3),
    (18, 69, 1), (19, 72, 1), (20, 77, 2), (22, 74, 2), (25, 74, 1), (26, 72, 2), (29, 67, 1.5), (30.5, 69, 1.5),
    (33, 72, 2), (36, 74, 3), (41, 74, 1), (42, 77, 2), (45, 76, 1.5), (46.5, 74, 1.5),
    (49, 72, 3), (53, 70, 1), (54, 69, 2), (57, 67, 3), (61, 69, 3),
)  # fmt: skip


def hold_music() -> Sound:
    """The whole piece (48 seconds), ready for the telephone."""
    total = round(_BEATS * _BEAT_S * RATE)
    mixed = [0.0] * total
    for bar, chord in enumerate(_CHORDS):
        for place, note in enumerate(chord):
            _add(mixed, beat=bar * 4 + place * 0.5, tone=_note(note, 4.0), strength=0.55)
    for beat, note, beats in _MELODY:
        _add(mixed, beat=beat, tone=_note(note, float(beats)), strength=0.8)
    most = max(map(abs, mixed))
    return Sound(array("h", (round(value / most * _PEAK * 32767) for value in mixed)), RATE)


def short_tone() -> Sound:
    """After this one may speak: 0.4 s of 1,000 Hz, with soft edges."""
    count, edge = round(0.4 * RATE), round(0.02 * RATE)
    loud = (min(1.0, place / edge, (count - 1 - place) / edge) for place in range(count))
    samples = (
        round(_PEAK * 32767 * share * math.sin(2 * math.pi * 1000 * place / RATE))
        for place, share in enumerate(loud)
    )
    return Sound(array("h", samples), RATE)


def _add(mixed: list[float], *, beat: float, tone: array[float], strength: float) -> None:
    """Lay a note over the piece; what rings on past the end sounds at the beginning."""
    start, total = round(beat * _BEAT_S * RATE), len(mixed)
    for place, value in enumerate(tone, start):
        mixed[place % total] += strength * value


@cache
def _note(note: int, beats: float) -> array[float]:
    """A soft struck tone: three partials that die away, the higher the sooner."""
    frequency = 440.0 * 2 ** ((note - 69) / 12)
    seconds = beats * _BEAT_S + 1.0
    count = round(seconds * RATE)
    attack = round(0.02 * RATE)
    tone = array("d", bytes(8 * count))
    for partial, share in ((1, 1.0), (2, 0.22), (3, 0.06)):
        turn = 2 * math.pi * frequency * partial / RATE
        fade = math.exp(-partial * 1.1 / RATE)
        loud = share
        for place in range(count):
            tone[place] += loud * math.sin(turn * place)
            loud *= fade
    for place in range(attack):
        tone[place] *= place / attack
    release = round(0.3 * RATE)
    for place in range(release):
        tone[count - 1 - place] *= place / release
    return tone
