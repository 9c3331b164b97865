"""Taking in a bank's statement: a file once, a line once, each with a proposal of the order it pays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.utils import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.payments import matching, sheets
from callcart.commerce.payments.matching import Debt
from callcart.commerce.payments.models import (
    BankFormat,
    LineState,
    Payment,
    PaymentState,
    Statement,
    StatementLine,
)
from callcart.commerce.payments.sheets import Layout, Look, Parsed
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict
from callcart.core.exchange.declare import Column, Kind, Place
from callcart.core.fields import Fields
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant

COLUMNS = (
    Column("day", gettext_lazy("Date"), Kind.DAY, required=True, names=(
        "booking date", "value date", "transaction date", "posted", "交易日期", "记账日期", "交易时间", "日期", "入账日期")),
    Column("amount", gettext_lazy("Amount, signed"), Kind.MONEY, names=("amount", "betrag", "交易金额", "金额", "发生额")),
    Column("credit", gettext_lazy("Money in"), Kind.MONEY, names=(
        "credit", "money in", "paid in", "deposit", "收入", "贷方发生额", "贷方金额", "收入金额", "贷方")),
    Column("debit", gettext_lazy("Money out"), Kind.MONEY, names=(
        "debit", "money out", "paid out", "withdrawal", "支出", "借方发生额", "借方金额", "支出金额", "借方")),
    Column("payer", gettext_lazy("Payer"), names=(
        "payer", "name", "sender", "counterparty", "from", "对方户名", "对方名称", "付款人", "付款方", "对方账户名称"), most=300),
    Column("text", gettext_lazy("Purpose"), names=(
        "description", "details", "memo", "purpose", "remittance information", "摘要", "附言", "用途", "备注", "交易附言"), most=1000),
    Column("reference", gettext_lazy("Bank's reference"), names=(
        "reference", "transaction id", "id", "流水号", "交易流水号", "凭证号", "业务编号", "参考号"), most=300),
)  # fmt: skip
PORTION = 500


class KnownFile(Conflict):
    """This file was taken in before. Nothing was done twice."""

    code = "payment.statement_known"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file brought. `known`: lines that an earlier file held already; `wrong`: rows that could not be read, by number."""

    statement: Statement
    known: int
    wrong: Mapping[int, str]


def layout_of(account: str) -> Layout:
    """How files of this account were read last time."""
    found = BankFormat.objects.filter(account=account.strip()).first()
    return Layout.of(found.mapping) if found else Layout()


def look_at_statement(actor: Actor, path: Path, name: str, *, account: str) -> Look:
    """A file before it is taken in: headings, some lines, how we would read it. Raises UnreadableFile, Invalid, KnownFile."""
    actor.require("payments.reconcile")
    seen = sheets.look(path, name, COLUMNS, layout_of(account))
    if Statement.objects.filter(account=account.strip(), digest=seen.digest).exists():
        raise KnownFile
    return seen


def take_in_statement(actor: Actor, path: Path, name: str, *, account: str, layout: Layout) -> TakenIn:
    """Take a file in: its readable lines once each, with proposals; the layout is remembered for the account. Raises Invalid,
    UnreadableFile, KnownFile."""
    actor.require("payments.reconcile")
    form = Fields()
    account = form.line("account", account, most=100, required=True)
    _check_layout(form, layout)
    form.done()
    tenant = get_tenant(current_tenant())
    place = Place(tenant.currency, tenant.timezone, tenant.country, actor.language)
    seen = sheets.look(path, name, COLUMNS, layout)
    statement = _statement(actor, account, name, seen.digest, tenant.currency)
    parsed = list(sheets.rows(path, name, COLUMNS, layout, seen.heading_row, place))
    lines, wrong = _lines(statement, parsed)
    fresh = _keep_new(lines)
    statement.lines_new, statement.lines_known = len(fresh), len(lines) - len(fresh)
    statement.save(update_fields=["lines_new", "lines_known"])
    propose_for(fresh)
    BankFormat.objects.update_or_create(
        account=account, defaults={"mapping": layout.plain(), "changed_at": now()}
    )
    audit.record(
        actor,
        "payments.take_in_statement",
        subject=("statement", statement.id),
        after={"account": account, "file": name[:200], "new": len(fresh), "known": statement.lines_known},
    )
    return TakenIn(statement, statement.lines_known, wrong)


def _check_layout(form: Fields, layout: Layout) -> None:
    columns = layout.columns
    if not columns.get("day"):
        form.refuse("day", _("Choose the column that holds the date."))
    if not columns.get("amount") and not columns.get("credit"):
        form.refuse("amount", _("Choose the column that holds the amount, or the one with money in."))


def _statement(actor: Actor, account: str, name: str, digest: str, currency: str) -> Statement:
    try:
        with transaction.atomic():
            return Statement.objects.create(
                account=account,
                file_name=name[:200],
                digest=digest,
                currency=currency,
                made_at=now(),
                made_by_name=actor.name,
            )
    except IntegrityError:
        raise KnownFile from None


def _lines(statement: Statement, parsed: Iterable[Parsed]) -> tuple[list[StatementLine], dict[int, str]]:
    lines: list[StatementLine] = []
    wrong: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for each in parsed:
        amount, day = _amount(each.values), sheets.day_of(each.values, "day")
        if each.problems:
            wrong[each.row] = next(iter(each.problems.values()))
        elif day is None or amount is None:
            if day is not None or amount is not None:  # neither: a total or a note at the end
                wrong[each.row] = _("A date and an amount are needed.")
        elif amount:
            lines.append(_line(statement, each, day, amount, seen))
    return lines, wrong


def _amount(values: Mapping[str, Any]) -> int | None:
    """Minor units: signed as they stand, or money in less money out. Banks write money out with and without a minus."""
    if "credit" in values or "debit" in values:
        return int(values.get("credit", 0)) - abs(int(values.get("debit", 0)))
    found = values.get("amount")
    return None if found is None else int(found)


def _line(statement: Statement, row: Parsed, day: date, amount: int, seen: Counter[str]) -> StatementLine:
    """Two alike in one file are two; the same two in the next file are those."""
    payer, text = str(row.values.get("payer", "")), str(row.values.get("text", ""))
    reference = str(row.values.get("reference", ""))
    content = sheets.line_key(statement.account, day, amount, payer, text, reference)
    seen[content] += 1
    return StatementLine(
        statement=statement,
        key=f"{content}:{seen[content]}",
        row=row.row,
        day=day,
        amount_minor=amount,
        currency=statement.currency,
        payer=payer,
        text=text,
        reference=reference,
        state=LineState.OPEN if amount > 0 else LineState.IGNORED,
        changed_at=now(),
    )


def _keep_new(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """Write the lines that no file held before; those."""
    for start in range(0, len(lines), PORTION):
        StatementLine.objects.bulk_create(lines[start : start + PORTION], ignore_conflicts=True)
    mine = {line.id for line in lines}
    kept: set[UUID] = set()
    for start in range(0, len(lines), PORTION):
        ids = [line.id for line in lines[start : start + PORTION]]
        kept.update(StatementLine.objects.filter(id__in=ids).values_list("id", flat=True))
    return [line for line in lines if line.id in kept & mine]


def propose_for(lines: Sequence[StatementLine]) -> None:
    """Find for each open line the order it most likely pays, and keep that with its reasons."""
    waiting = [line for line in lines if line.state == LineState.OPEN]
    for start in range(0, len(waiting), PORTION):
        portion = waiting[start : start + PORTION]
        named, by_amount = _debts(portion)
        for line in portion:
            numbers = matching.numbers_in(line.text, line.reference)
            found = matching.propose(
                line.left_minor,
                line.payer,
                [named[number] for number in numbers if number in named],
                by_amount.get(line.left_minor, ()),
            )
            line.proposed_id = found.payment_id if found else None
            line.confidence = found.confidence if found else 0
            line.why = [str(each) for each in found.why] if found else []
        StatementLine.objects.bulk_update(portion, ["proposed", "confidence", "why"])


def _debts(lines: Sequence[StatementLine]) -> tuple[dict[str, Debt], dict[int, list[Debt]]]:
    currency = lines[0].currency
    numbers = {number for line in lines for number in matching.numbers_in(line.text, line.reference)}
    known = Payment.objects.filter(order_number__in=numbers, currency=currency)
    named = {row.order_number: _debt(row) for row in known}
    by_amount: dict[int, list[Debt]] = {}
    unpaid = Payment.objects.filter(state__in=[PaymentState.DUE, PaymentState.PART_PAID], currency=currency)
    missing = unpaid.annotate(missing=F("amount_minor") - F("captured_minor"))
    for row in missing.filter(missing__in={line.left_minor for line in lines})[:5000]:
        by_amount.setdefault(row.amount_minor - row.captured_minor, []).append(_debt(row))
    return named, by_amount


def _debt(row: Payment) -> Debt:
    return Debt(
        payment_id=row.id,
        order_number=row.order_number,
        missing_minor=row.amount_minor - row.captured_minor,
        payer_name=row.payer_name,
        is_open=row.state != PaymentState.CANCELLED,
    )
