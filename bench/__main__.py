"""Every bench, or those named, one after the other; a table of figures at the end. Ends with 1 where a pass line does
not hold or a bench fails.

    python -m bench
    python -m bench live_feed screen_pop
"""

from __future__ import annotations

import multiprocessing
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import bench
from bench import Figure
from bench._one import measure

HEAD = ("figure", "value", "floor", "ratio", "pass line", "")


def main(wanted: Sequence[str]) -> int:
    """The exit code."""
    known = names()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    failed: list[str] = []
    for name in wanted or known:
        print(f"bench {name}", file=sys.stderr, flush=True)
        try:
            found += in_fresh_process(name)
        except Exception:  # noqa: BLE001  a bench that breaks must not hide the others
            traceback.print_exc()
            failed.append(name)
    print(table(found))
    for name in failed:
        print(f"{name}: FAILED, see above")
    return 0 if not failed and all(figure.holds for figure in found) else 1


def names() -> list[str]:
    """The benches there are, by name."""
    folder = str(Path(bench.__file__).parent)
    return sorted(module.name for module in pkgutil.iter_modules([folder]) if not module.name.startswith("_"))


def in_fresh_process(name: str) -> list[Figure]:
    """The figures of one bench. Configuration and Django are read once a process, so each gets its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(measure, name).result()


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    rows = [HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    floor = f"{_number(figure.floor)} {figure.unit} {figure.floor_name}".rstrip() if figure.floor else ""
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
    verdict = ("ok" if figure.holds else "FAILS") if figure.line else ""
    return figure.name, _value(figure), floor, ratio, figure.line, verdict


def _value(figure: Figure) -> str:
    return f"{_number(figure.value)} {figure.unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
