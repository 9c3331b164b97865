"""The company's book: payments and refunds.

A key of the shop's is unique in it, so that the same request is one payment or one refund however often it comes. A
payment and the message about it are written together.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from callcart.demo.company.book import CompanyBook, Refused
from callcart.demo.gateway.rows import Kind, Payment, State

SESSION_SECONDS = 3600

_TABLES = """
CREATE TABLE IF NOT EXISTS payment (
  reference TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, state TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, description TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT 'en', return_url TEXT NOT NULL DEFAULT '', notify_url TEXT NOT NULL DEFAULT '',
  keep_mandate INTEGER NOT NULL DEFAULT 0, mandate TEXT NOT NULL DEFAULT '', card TEXT NOT NULL DEFAULT '',
  failure TEXT NOT NULL DEFAULT '', event_id TEXT NOT NULL DEFAULT '', made_at REAL NOT NULL,
  due_at REAL NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS payment_mandate ON payment (mandate) WHERE kind = 'session' AND mandate <> '';
CREATE INDEX IF NOT EXISTS payment_due ON payment (due_at) WHERE state IN ('open', 'processing');
CREATE TABLE IF NOT EXISTS refund (
  reference TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, payment TEXT NOT NULL REFERENCES payment,
  amount INTEGER NOT NULL CHECK (amount > 0), made_at REAL NOT NULL);
"""


class Book(CompanyBook):
    """Payments by their reference and by the shop's key."""

    tables = _TABLES

    def payment(self, reference: str) -> Payment | None:
        return self._find("reference", reference)

    def by_key(self, key: str) -> Payment | None:
        return self._find("key", key)

    def _find(self, column: str, value: str) -> Payment | None:
        row = self._base.execute(f"SELECT * FROM payment WHERE {column} = ?", (value,)).fetchone()  # noqa: S608
        return None if row is None else _payment(row)

    def open_session(self, values: Mapping[str, Any], *, at: float) -> Payment:
        """A page to pay on; the one there is for this key. Raises Refused where the key was used for something else."""
        known = self.by_key(values["key"])
        if known is not None:
            return _same(known, values, Kind.SESSION)
        with self._changing():
            self._insert({**values, "kind": Kind.SESSION, "state": State.OPEN}, at, at + SESSION_SECONDS)
        return self._sure(values["key"])

    def charge(self, values: Mapping[str, Any], *, declined: str, at: float) -> Payment:
        """Take money on a mandate, once for each key. Raises Refused."""
        known = self.by_key(values["key"])
        if known is not None:
            return _same(known, values, Kind.CHARGE)
        origin = self.of_mandate(values["mandate"])
        with self._changing():
            self._insert(
                {
                    **values,
                    "kind": Kind.CHARGE,
                    "state": State.DECLINED if declined else State.CAPTURED,
                    "card": origin.card,
                    "failure": declined,
                    "notify_url": origin.notify_url,
                    "event_id": _new("evt"),
                },
                at,
                at,
            )
            made = self._sure(values["key"])
            self._write_event(made, at=at)
        return made

    def of_mandate(self, mandate: str) -> Payment:
        """The payment that a mandate was given with. Raises Refused."""
        query = "SELECT * FROM payment WHERE kind = 'session' AND mandate = ? AND mandate <> ''"
        row = self._base.execute(query, (mandate,)).fetchone()
        if row is None:
            raise Refused("unknown_mandate")
        return _payment(row)

    def refund(self, values: Mapping[str, Any], *, at: float) -> str:
        """Give money back, once for each key and never more than was taken; its reference. Raises Refused."""
        with self._changing() as base:
            known = base.execute("SELECT * FROM refund WHERE key = ?", (values["key"],)).fetchone()
            if known is not None:
                if (known["payment"], known["amount"]) != (values["reference"], values["amount"]):
                    raise Refused("key_reused")
                return str(known["reference"])
            payment = self.payment(values["reference"])
            if payment is None or payment.state != State.CAPTURED:
                raise Refused("unknown_payment")
            gone = "SELECT coalesce(sum(amount), 0) FROM refund WHERE payment = ?"
            left = payment.amount - int(base.execute(gone, (payment.reference,)).fetchone()[0])
            if values["currency"] != payment.currency or values["amount"] > left:
                raise Refused("too_much")
            reference = _new("rfd")
            row = (reference, values["key"], payment.reference, values["amount"], at)
            base.execute("INSERT INTO refund VALUES (?, ?, ?, ?, ?)", row)
        return reference

    def begin(self, payment: Payment, *, card: str, seconds: float, at: float) -> None:
        """The buyer has given a card: the bank thinks. Nothing where the page is not open any more."""
        with self._changing() as base:
            base.execute(
                "UPDATE payment SET state = 'processing', card = ?, due_at = ? WHERE reference = ? AND state = 'open'",
                (card, at + seconds, payment.reference),
            )

    def finish(
        self,
        payment: Payment,
        state: State,
        *,
        failure: str = "",
        messages: int = 1,
        short: int = 0,
        at: float,
    ) -> bool:
        """Settle an open or processing payment and note the messages about it (which say `short` less than was taken); False where it was settled already. After
        a refused card the page stays open for another one."""
        reopened = state is State.DECLINED and failure != "cancelled"
        mandate = _new("mdt") if state is State.CAPTURED and payment.keep_mandate else ""
        with self._changing() as base:
            moved = base.execute(
                "UPDATE payment SET state = ?, failure = ?, mandate = ?, event_id = ?, due_at = ?"
                " WHERE reference = ? AND state IN ('open', 'processing')",
                (
                    State.OPEN if reopened else state,
                    failure,
                    mandate,
                    _new("evt"),
                    at + SESSION_SECONDS if reopened else at,
                    payment.reference,
                ),
            )
            if not moved.rowcount:
                return False
            done = self._sure(payment.key)
            for _ in range(messages):
                self._write_event(done, at=at, state=state, short=short)
        return True

    def due_payments(self, at: float) -> list[Payment]:
        """Pages that have run out, and cards the bank has finished thinking about."""
        query = "SELECT * FROM payment WHERE state IN ('open', 'processing') AND due_at <= ?"
        return [_payment(row) for row in self._base.execute(query, (at,))]

    def _insert(self, values: Mapping[str, Any], at: float, due_at: float) -> None:
        row = {**values, "reference": _new("pay"), "made_at": at, "due_at": due_at}
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self._base.execute(f"INSERT INTO payment ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608

    def _write_event(
        self, payment: Payment, *, at: float, state: State | None = None, short: int = 0
    ) -> None:
        told = payment.event(state)
        body = json.dumps(told | {"amount": max(payment.amount - short, 0)})
        self._write_message(payment.notify_url, body, at=at)

    def _sure(self, key: str) -> Payment:
        found = self.by_key(key)
        assert found is not None
        return found


def _same(known: Payment, values: Mapping[str, Any], kind: Kind) -> Payment:
    if (known.kind, known.amount, known.currency) != (kind, values["amount"], values["currency"]):
        raise Refused("key_reused")
    return known


def _payment(row: sqlite3.Row) -> Payment:
    values = dict(row)
    values["kind"], values["state"] = Kind(values["kind"]), State(values["state"])
    values["keep_mandate"] = bool(values["keep_mandate"])
    return Payment(**values)


def _new(kind: str) -> str:
    return f"{kind}_{secrets.token_urlsafe(18)}"
