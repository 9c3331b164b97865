"""The company's book: shipments, and what happened to them.

A key of the shop's is unique in it: the same request is one shipment however often it comes. A scan and the messages about
it are written together.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callcart.demo.carrier import words
from callcart.demo.carrier.route import Fate, fate_of, pause_before, steps, telling
from callcart.demo.company.book import CompanyBook, Refused

_TABLES = """
CREATE TABLE IF NOT EXISTS shipment (
  tracking TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, asked TEXT NOT NULL, fate TEXT NOT NULL, step INTEGER NOT NULL,
  cancelled INTEGER NOT NULL DEFAULT 0, price INTEGER NOT NULL, currency TEXT NOT NULL, notify_url TEXT NOT NULL,
  made_at REAL NOT NULL, next_at REAL);
CREATE INDEX IF NOT EXISTS shipment_due ON shipment (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS scan (
  id TEXT PRIMARY KEY, tracking TEXT NOT NULL REFERENCES shipment, step INTEGER NOT NULL, what TEXT NOT NULL, at REAL NOT NULL,
  place TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (tracking, step));
"""


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel in the company's hands. `asked` is what the shop wanted, `next_at` when something happens to it again."""

    tracking: str
    key: str
    asked: Mapping[str, Any]
    fate: Fate
    step: int
    cancelled: bool
    price: int
    currency: str
    notify_url: str
    made_at: float
    next_at: float | None


class Book(CompanyBook):
    """`pace` is how many seconds a step of a parcel takes."""

    tables = _TABLES

    def __init__(self, path: Path, *, pace: float) -> None:
        super().__init__(path)
        self.pace = pace

    def take(
        self, key: str, asked: Mapping[str, Any], *, price: int, currency: str, notify_url: str, at: float
    ) -> Shipment:
        """A shipment; the one there is for this key. Raises Refused where the key was used for something else."""
        text = json.dumps(asked, sort_keys=True)
        with self._changing() as base:
            known = base.execute("SELECT * FROM shipment WHERE key = ?", (key,)).fetchone()
            if known is None:
                tracking, fate = number_for(key), _wished(asked) or fate_of(key)
                base.execute(
                    "INSERT INTO shipment VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)",
                    (tracking, key, text, fate, price, currency, notify_url, at, at + self.pace),
                )
            elif known["asked"] != text:
                raise Refused("key_reused")
        found = self.shipment(number_for(key))
        assert found is not None
        return found

    def shipment(self, tracking: str) -> Shipment | None:
        row = self._base.execute("SELECT * FROM shipment WHERE tracking = ?", (tracking,)).fetchone()
        return None if row is None else _shipment(row)

    def newest(self, limit: int = 50) -> list[Shipment]:
        rows = self._base.execute("SELECT * FROM shipment ORDER BY made_at DESC LIMIT ?", (limit,))
        return [_shipment(row) for row in rows]

    def call_off(self, tracking: str) -> None:
        """Once; a second time is no error. Raises Refused for an unknown number, and once it was collected."""
        with self._changing() as base:
            found = self.shipment(tracking)
            if found is None:
                raise Refused("unknown_number")
            if found.step and not found.cancelled:
                raise Refused("on_its_way")
            base.execute("UPDATE shipment SET cancelled = 1, next_at = NULL WHERE tracking = ?", (tracking,))

    def due(self, at: float) -> list[str]:
        rows = self._base.execute(
            "SELECT tracking FROM shipment WHERE next_at <= ? ORDER BY next_at LIMIT 200", (at,)
        )
        return [str(row[0]) for row in rows]

    def going(self) -> list[str]:
        """Those to which something will still happen."""
        rows = self._base.execute("SELECT tracking FROM shipment WHERE next_at IS NOT NULL ORDER BY made_at")
        return [str(row[0]) for row in rows]

    def turn(self, tracking: str, fate: Fate) -> None:
        """From here on it goes another way; what has happened stays."""
        with self._changing() as base:
            found = self.shipment(tracking)
            if found is None:
                raise Refused("unknown_number")
            more = found.step < len(steps(fate)) and not found.cancelled
            base.execute(
                "UPDATE shipment SET fate = ?, next_at = CASE WHEN ? THEN coalesce(next_at, 0) END WHERE tracking = ?",
                (fate, more, tracking),
            )

    def move(self, tracking: str, *, at: float) -> bool:
        """The next thing happens to a shipment, and its shop is to be told; False where nothing will happen any more."""
        with self._changing() as base:
            found = self.shipment(tracking)
            if found is None:
                raise Refused("unknown_number")
            way = steps(found.fate)
            if found.cancelled or found.step >= len(way):
                base.execute("UPDATE shipment SET next_at = NULL WHERE tracking = ?", (tracking,))
                return False
            self._happen(base, found, way[found.step], at)
            left = found.step + 1 < len(way)
            pause = pause_before(found.key, found.step + 1, seconds=self.pace)
            base.execute(
                "UPDATE shipment SET step = step + 1, next_at = ? WHERE tracking = ?",
                (at + pause if left else None, tracking),
            )
        return True

    def _happen(self, base: sqlite3.Connection, found: Shipment, what: str, at: float) -> None:
        place, text = words.place(found.asked["to"], what, found.step), words.text(found.asked["to"], what)
        scan = "scan_" + hashlib.sha256(f"{found.tracking}:{found.step}".encode()).hexdigest()[:20]
        base.execute(
            "INSERT INTO scan VALUES (?, ?, ?, ?, ?, ?, ?)",
            (scan, found.tracking, found.step, what, at, place, text),
        )
        row = {"id": scan, "tracking": found.tracking, "what": what, "at": at, "place": place, "text": text}
        if found.notify_url:
            body = json.dumps({"scans": [_scan(row)]}, ensure_ascii=False)
            for after in telling(scan, seconds=self.pace).after:
                self._write_message(found.notify_url, body, at=at + after)

    def scans(self, numbers: Sequence[str]) -> list[dict[str, Any]]:
        """All that happened to these, as it is told."""
        marks = ", ".join("?" * len(numbers))
        query = f"SELECT * FROM scan WHERE tracking IN ({marks}) ORDER BY tracking, step"  # noqa: S608
        return [_scan(dict(row)) for row in self._base.execute(query, list(numbers))]


def number_for(key: str) -> str:
    """The company's number for a shop's key: two letters and eleven digits."""
    return f"MP{int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10**11:011d}"


def _wished(asked: Mapping[str, Any]) -> Fate | None:
    """For demonstrations: contents that name a fate get it."""
    wish = str(asked.get("contents", "")).strip().lower()
    return Fate(wish) if wish in set(Fate) else None


def _shipment(row: sqlite3.Row) -> Shipment:
    values = dict(row)
    values["asked"], values["fate"] = json.loads(values["asked"]), Fate(values["fate"])
    values["cancelled"] = bool(values["cancelled"])
    return Shipment(**values)


def _scan(row: Mapping[str, Any]) -> dict[str, Any]:
    at = datetime.fromtimestamp(float(row["at"]), UTC)
    return {name: row[name] for name in ("id", "tracking", "what", "place", "text")} | {"at": at.isoformat()}
