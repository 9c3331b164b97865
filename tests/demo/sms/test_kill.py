from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.kill
def test_what_customers_write_survives_kills_of_whoever_listens() -> None:
    """Once each and whole, with parts in order, backwards and doubled."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo.sms.killing", "7", "3"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["kills"] >= 3
    assert sorted(found["kept"]) == sorted(found["sent"])
