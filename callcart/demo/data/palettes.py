"""Colours of the product drawings. Each palette: main, main in the shade, accent, light, and two background tints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """`a` main, `b` its shade, `c` accent, `d` light part, `bg` and `bg2` behind it."""

    a: str
    b: str
    c: str
    d: str
    bg: str
    bg2: str


PALETTES: dict[str, Palette] = {
    "pine": Palette("#2f5d4a", "#234638", "#d9a441", "#e8e2d0", "#e6ece4", "#d5e0d5"),
    "sea": Palette("#3b6a86", "#2b5068", "#e0b15a", "#e6edf0", "#e3ebef", "#d1dfe7"),
    "clay": Palette("#c0704a", "#9c5636", "#2f5d4a", "#f3e3d3", "#f5e9de", "#ecd9c8"),
    "oat": Palette("#e4d5b7", "#cdbb97", "#8a5a3b", "#f8f2e4", "#f0eadd", "#e4dbc8"),
    "brick": Palette("#a5423a", "#84322c", "#e6c07b", "#f2ddd5", "#f4e4df", "#ebd2ca"),
    "sun": Palette("#e0a53a", "#bd8524", "#7a4a21", "#fbeccb", "#faf0d9", "#f3e2b9"),
    "plum": Palette("#6d4a66", "#533850", "#d8a7b1", "#eee2ea", "#efe6ec", "#e2d3de"),
    "slate": Palette("#4a5560", "#363f48", "#d08a4a", "#dfe4e8", "#e7ebee", "#d7dde2"),
    "coal": Palette("#33363b", "#23262a", "#b9854d", "#70767e", "#ebe8e2", "#ddd8cf"),
    "steel": Palette("#b4bec6", "#8f9ba5", "#3b6a86", "#e9eef1", "#e8eef0", "#d8e2e6"),
    "wood": Palette("#c99a63", "#a87b47", "#6f4b28", "#ecd6b5", "#f4eadb", "#e9d9c0"),
    "brass": Palette("#c79a45", "#a07a30", "#3a4a44", "#f7ead0", "#f3ecdd", "#e7dcc3"),
    "grain": Palette("#7f9b3f", "#64802c", "#d3a744", "#f0f2dc", "#eef2de", "#dfe7c5"),
    "celadon": Palette("#8fb9a5", "#6d9a86", "#3d6b5a", "#e4f0ea", "#e4efe9", "#d0e3da"),
    "cinnabar": Palette("#b8402f", "#932e21", "#e3b661", "#f6e1d6", "#f7e6dd", "#efd3c6"),
    "ink": Palette("#37474f", "#263238", "#c9a063", "#dfe5e6", "#e8ecec", "#d8dfe0"),
    "wheat": Palette("#d9b26a", "#b98f47", "#8b3f2b", "#f8ecd0", "#f8f0dd", "#efe1c0"),
    "osmanthus": Palette("#e3a93c", "#c08a25", "#6f8a3a", "#fdf1d3", "#fcf3dc", "#f5e5bb"),
    "peach": Palette("#f0a58f", "#d98470", "#7f9b3f", "#fde6dc", "#fdece4", "#f8dacd"),
    "white": Palette("#f6f4ef", "#d9d5cb", "#7fa08f", "#ffffff", "#e3eae6", "#d2ddd7"),
    "violet": Palette("#7b4b77", "#5d365a", "#7f9b3f", "#ead9e6", "#f0e5ee", "#e3d0df"),
    "sky": Palette("#8fb7cf", "#6c98b3", "#f0f4f6", "#e6f0f5", "#e6eff4", "#d2e3ec"),
}
