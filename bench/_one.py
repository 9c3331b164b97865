"""One bench in a process of its own. Apart from `__main__`, which a spawned process cannot import again under that name."""

from __future__ import annotations

from importlib import import_module

from bench import Figure, say


def measure(name: str) -> list[Figure]:
    """The figures of one bench, each said as it is known."""
    figures: list[Figure] = import_module(f"bench.{name}").run()
    for figure in figures:
        say(f"{figure.name}: {figure.value:,.4g} {figure.unit}{'' if figure.holds else '  BELOW ITS LINE'}")
    return figures
