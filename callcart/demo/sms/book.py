"""The centre's book: telephones and what is to become of their messages, the messages both ways, the shops' web addresses, and what is
still to be told. A message and the receipts of it are written in one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from callcart.demo.company.book import CompanyBook, Message
from callcart.demo.sms.fates import Fate, Telling, Way

TO_SHOP, TO_PHONE = "to_shop", "to_phone"
BY_SMPP = "smpp:"
_TABLES = """
CREATE TABLE IF NOT EXISTS phone (
  number TEXT PRIMARY KEY, fate TEXT NOT NULL DEFAULT 'well', way TEXT NOT NULL DEFAULT 'well', refusals INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS hook (shop TEXT PRIMARY KEY, url TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sms (
  id INTEGER PRIMARY KEY, direction TEXT NOT NULL, shop TEXT NOT NULL, phone TEXT NOT NULL, text TEXT NOT NULL, parts INTEGER NOT NULL,
  at REAL NOT NULL, key TEXT UNIQUE);
CREATE INDEX IF NOT EXISTS sms_phone ON sms (phone, id);
"""


@dataclass(frozen=True, slots=True)
class Phone:
    """A customer's telephone. `refusals`: how often in a row it was said that the centre is busy."""

    number: str
    fate: Fate
    way: Way
    refusals: int


@dataclass(frozen=True, slots=True)
class Sms:
    """One message, whole. `direction` is TO_SHOP or TO_PHONE."""

    id: int
    direction: str
    shop: str
    phone: str
    text: str
    parts: int
    at: float


class Book(CompanyBook):
    """What is told by SMPP is kept among the messages under an address `smpp:<number>`."""

    tables = _TABLES

    def phone(self, number: str) -> Phone:
        """A telephone as it is; one that was never heard of does everything well."""
        row = self._base.execute("SELECT * FROM phone WHERE number = ?", (number,)).fetchone()
        if row is None:
            return Phone(number, Fate.WELL, Way.WELL, 0)
        return Phone(number, Fate(row["fate"]), Way(row["way"]), row["refusals"])

    def turn(self, phone: Phone) -> None:
        """Make a telephone be so."""
        self._base.execute(
            "INSERT OR REPLACE INTO phone (number, fate, way, refusals) VALUES (?, ?, ?, ?)",
            (phone.number, phone.fate, phone.way, phone.refusals),
        )

    def phones(self) -> list[str]:
        """Telephones with messages, the last heard of first."""
        query = "SELECT phone FROM sms GROUP BY phone ORDER BY max(id) DESC LIMIT 100"
        return [row[0] for row in self._base.execute(query)]

    def messages_of(self, phone: str) -> list[Sms]:
        """The last ones, oldest first."""
        query = "SELECT id, direction, shop, phone, text, parts, at FROM sms WHERE phone = ? ORDER BY id DESC LIMIT 100"
        return [Sms(*row) for row in self._base.execute(query, (phone,))][::-1]

    def hooks(self) -> dict[str, str]:
        """The web address of each shop's number that has one."""
        return {
            row["shop"]: row["url"] for row in self._base.execute("SELECT shop, url FROM hook ORDER BY shop")
        }

    def hook(self, shop: str, url: str) -> None:
        """Tell a number's shop by this web address; by none where it is empty."""
        self._base.execute("DELETE FROM hook WHERE shop = ?", (shop,))
        if url:
            self._base.execute("INSERT INTO hook (shop, url) VALUES (?, ?)", (shop, url))

    def known(self, key: str) -> int | None:
        """The message that was taken with a key."""
        row = self._base.execute("SELECT id FROM sms WHERE key = ?", (key,)).fetchone()
        return None if row is None else int(row["id"])

    def write(
        self,
        direction: str,
        shop: str,
        phone: str,
        text: str,
        *,
        parts: int,
        at: float,
        key: str | None = None,
    ) -> int:
        """A message that is whole; its number."""
        with self._changing() as base:
            return self._write(base, (direction, shop, phone, text, parts, at, key))

    def take_by_http(
        self, shop: str, phone: str, text: str, *, parts: int, at: float, key: str | None, telling: Telling
    ) -> int:
        """A message a shop handed over by HTTP, and its receipts."""
        with self._changing() as base:
            number = self._write(base, (TO_PHONE, shop, phone, text, parts, at, key))
            url = self.hooks().get(shop, "")
            for after in telling.after if url else ():
                state = "delivered" if telling.delivered else "failed"
                self._write_message(
                    url, json.dumps({"message": f"H-{number}", "state": state}), at=at + after
                )
            return number

    def tell(self, url: str, body: dict[str, Any], *, at: float) -> None:
        """Something to be told to a shop at a time."""
        with self._changing():
            self._write_message(url, json.dumps(body, ensure_ascii=False), at=at)

    def due_messages(self, at: float) -> list[Message]:
        return self._due(at, "NOT LIKE")

    def due_by_smpp(self, at: float) -> list[Message]:
        """What connections are to be given."""
        return self._due(at, "LIKE")

    def _due(self, at: float, like: str) -> list[Message]:
        query = f"SELECT id, url, body, tries FROM message WHERE next_at <= ? AND url {like} ? ORDER BY next_at, id LIMIT 50"  # noqa: S608
        return [Message(*row) for row in self._base.execute(query, (at, BY_SMPP + "%"))]

    @staticmethod
    def _write(base: sqlite3.Connection, row: tuple[object, ...]) -> int:
        made = base.execute(
            "INSERT INTO sms (direction, shop, phone, text, parts, at, key) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )
        return int(made.lastrowid or 0)
