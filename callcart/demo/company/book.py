"""A company's book in a small database file. Every change is one transaction, and what is in the book goes on after a restart.

What shops are to be told is written in it together with what happened, and kept until it was told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

FIRST_PAUSE = 1.0
MOST_TRIES = 13  # 1 + 2 + 4 … seconds: more than two hours

_MESSAGES = """
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL, body TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_at REAL,
  answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS message_due ON message (next_at) WHERE next_at IS NOT NULL;
"""


class Refused(Exception):
    """The company does not do this; `reason` is a word for machines."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Message:
    """Something a shop has not been told yet."""

    id: int
    url: str
    body: str
    tries: int


class CompanyBook:
    """One book, for one thread. Times are Unix seconds and given by the caller. `tables`: the company's own."""

    tables: ClassVar[str] = ""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.row_factory = sqlite3.Row
        self._base.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;" + self.tables + _MESSAGES
        )

    def close(self) -> None:
        self._base.close()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield self._base
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def _write_message(self, url: str, body: str, *, at: float) -> None:
        """In the transaction of what it tells."""
        self._base.execute("INSERT INTO message (url, body, next_at) VALUES (?, ?, ?)", (url, body, at))

    def due_messages(self, at: float) -> list[Message]:
        query = "SELECT id, url, body, tries FROM message WHERE next_at <= ? ORDER BY next_at, id LIMIT 50"
        return [Message(*row) for row in self._base.execute(query, (at,))]

    def messages(self) -> list[sqlite3.Row]:
        """Every message with its tries and last answer, oldest first; for tests and the curious."""
        return list(self._base.execute("SELECT * FROM message ORDER BY id"))

    def told(self, message: Message, answer: str) -> None:
        self._note(message, answer, None)

    def not_told(self, message: Message, answer: str, *, at: float) -> None:
        """Told again later, with a pause that doubles; given up after MOST_TRIES."""
        given_up = message.tries + 1 >= MOST_TRIES
        self._note(message, answer, None if given_up else at + FIRST_PAUSE * 2**message.tries)

    def _note(self, message: Message, answer: str, next_at: float | None) -> None:
        with self._changing() as base:
            base.execute(
                "UPDATE message SET tries = tries + 1, answer = ?, next_at = ? WHERE id = ?",
                (answer[:200], next_at, message.id),
            )
