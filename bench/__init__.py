"""Load generators and their pass lines: each figure as a ratio to a floor measured in the same run.

A bench is a module here whose name does not begin with `_`, with one function:

    def run() -> list[Figure]

It prepares what it needs (`bench._installation`), says its progress by `say`, cleans up, and returns what it
measured; it never judges by itself. `python -m bench` runs all of them, each in a fresh process; `python -m bench
live_feed screen_pop` those named. Parts that several processes of a bench need lie in modules that begin with `_`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `floor` is what the same machine did without us, in the same run and unit; 0 where there is
    none. The pass lines hold for the value (`least`, `most`) and for the ratio value ÷ floor (`least_ratio`, `most_ratio`)."""

    name: str
    value: float
    unit: str
    floor: float = 0.0
    floor_name: str = ""
    least: float | None = None
    most: float | None = None
    least_ratio: float | None = None
    most_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value ÷ floor; None without a floor."""
        return self.value / self.floor if self.floor else None

    @property
    def line(self) -> str:
        """The pass line in words; empty for a figure that is only told."""
        lines = (
            ("≥", self.least, f" {self.unit}"),
            ("≤", self.most, f" {self.unit}"),
            ("≥", self.least_ratio, " × floor"),
            ("≤", self.most_ratio, " × floor"),
        )
        return ", ".join(f"{sign} {bound:g}{what}" for sign, bound, what in lines if bound is not None)

    @property
    def holds(self) -> bool:
        """Whether every pass line holds. A line on the ratio of a figure without a floor does not."""
        ratio = self.ratio
        return (
            (self.least is None or self.value >= self.least)
            and (self.most is None or self.value <= self.most)
            and (self.least_ratio is None or (ratio is not None and ratio >= self.least_ratio))
            and (self.most_ratio is None or (ratio is not None and ratio <= self.most_ratio))
        )


def say(text: str) -> None:
    """A line of progress."""
    print(f"  {text}", file=sys.stderr, flush=True)
