"""The figures of a run in words: what was done, what was found, how soon each process was back and something was routed again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from chaos.kills import Kill
from chaos.plan import KILLED, NAMED, Moment

HEAD = "## Figures"


def table(kills: Sequence[Kill]) -> list[str]:
    """By process, as Markdown. Seconds."""
    lines = [
        "| killed | times | back after, s: median | worst | routed again after that, s: median | worst |",
        "|---|---|---|---|---|---|",
    ]
    for name in KILLED:
        its = [kill for kill in kills if kill.process == name]
        if its:
            away = sorted(kill.away for kill in its)
            routed = sorted(kill.routed for kill in its if kill.routed is not None)
            lines.append(f"| {name} | {len(its)} | {_spread(away)} | {_spread(routed)} |")
    return lines


def moments(kills: Iterable[Kill]) -> str:
    """How often a conversation was hit at each named moment."""
    counted: dict[Moment, int] = defaultdict(int)
    for kill in kills:
        counted[kill.moment] += 1
    named = ", ".join(f"{moment.value.replace('_', '-')} {counted[moment]}" for moment in NAMED)
    return f"struck at {named}; at random {counted[Moment.ANY]}"


def keep(page: str, lines: Sequence[str]) -> str:
    """A page with its section of figures replaced by these."""
    before, _head, after = page.partition(f"{HEAD}\n")
    rest = after[after.index("\n## ") :] if "\n## " in after else ""
    return before + HEAD + "\n\n" + "\n".join(lines) + "\n" + rest


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "never | never"
    return f"{values[len(values) // 2]:.2f} | {values[-1]:.2f}"
