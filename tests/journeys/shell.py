"""A running installation's own code, from a test: one process that stays, so that a question costs no start of Python.

For what nobody does on a page: goods of a test's own, a day that has come, five hundred orders at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOOP = """
import json, sys, traceback
import django
django.setup()
from django.db import close_old_connections
said = sys.stdout
sys.stdout = sys.stderr
for line in sys.stdin:
    asked = json.loads(line)
    names = {**asked["values"], "answer": None}
    close_old_connections()  # the database may have been away in between
    try:
        exec(asked["code"], names)
        told = {"answer": names["answer"]}
    except Exception:
        told = {"error": traceback.format_exc()}
    said.write(json.dumps(told, default=str) + "\\n")
    said.flush()
"""
PRINTED = """
import contextlib, io
said = io.StringIO()
with contextlib.redirect_stdout(said):
    exec(asked, {})
answer = said.getvalue()
"""


class Shell:
    """`shell.run("answer = 1 + one", one=1)`. Values in and out are those of JSON."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", LOOP],
            cwd=home,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, code: str, **values: Any) -> Any:
        """What the code left in `answer`. Raises AssertionError with the other side's traceback."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": code, "values": values}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the other side has ended"
        told = json.loads(line)
        assert "error" not in told, told["error"]
        return told["answer"]

    def printed(self, code: str) -> str:
        """What the code printed."""
        return str(self.run(PRINTED, asked=code))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
