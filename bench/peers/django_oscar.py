"""The same order placed by django-oscar and by us, in turns: three lines of two hundred goods, stock held, one transaction, on the
same PostgreSQL. django-oscar comes from the package index into an environment of its own in a temporary folder.

    python -m bench.peers.django_oscar

`CALLCART_PEER_PYTHON` names the Python of an environment that has it already (`pip install django-oscar "psycopg[binary]"`).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._installation import own_installation

WORKER = Path(__file__).with_name("_oscar_worker.py")
NEEDS = ("django-oscar", "psycopg[binary]")
ROUNDS = 10


def main() -> int:
    """Prints both and the factor; the exit code says whether ours is faster."""
    with _python() as python, own_installation():
        from bench.place_order import PER_ROUND, _placing, _shop, _timed

        place = _placing(*_shop())
        ours, theirs = [], []
        with _worker(python) as worker:
            for turn in range(ROUNDS + 1):  # the first warms both up
                ours.append(_timed(place, turn))
                theirs.append(_asked(worker, PER_ROUND))
        mine, peer = statistics.median(ours[1:]), statistics.median(theirs[1:])
    print(f"place a 3-line order: {1 / mine:.0f}/s, django-oscar {1 / peer:.0f}/s, factor {peer / mine:.1f}")
    return 0 if mine < peer else 1


@contextmanager
def _python() -> Iterator[str]:
    """A Python that has django-oscar."""
    if given := os.environ.get("CALLCART_PEER_PYTHON"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="callcart-peer-") as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "-q", *NEEDS], check=True)
        yield python


@contextmanager
def _worker(python: str) -> Iterator[subprocess.Popen[str]]:
    """A process that places orders when told to, on a database of its own in our server."""
    import psycopg

    from callcart.core.dsn import connection_parameters

    owner = connection_parameters("owner")
    with psycopg.connect(**{**owner, "dbname": "postgres"}, autocommit=True) as admin:  # type: ignore[arg-type]
        admin.execute("CREATE DATABASE bench_oscar")
    reach = {f"PEER_{name.upper()}": str(owner[name]) for name in ("host", "port", "user", "password")}
    child = subprocess.Popen(
        [python, str(WORKER)], env={"PATH": os.environ["PATH"], **reach}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        assert child.stdout is not None
        if child.stdout.readline().strip() != "ready":
            raise RuntimeError("django-oscar did not come up; see above")
        yield child
    finally:
        child.terminate()
        child.wait(20)


def _asked(worker: subprocess.Popen[str], orders: int) -> float:
    """Seconds an order of as many takes django-oscar, by its own clock."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(f"{orders}\n")
    worker.stdin.flush()
    return float(worker.stdout.readline()) / orders


if __name__ == "__main__":
    sys.exit(main())
