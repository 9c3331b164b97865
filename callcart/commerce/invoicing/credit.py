"""Credit notes: units of lines, an amount, or all that is left of an invoice; never more than was invoiced.

What is left of each line is counted under the invoice's lock. A share of a line takes its share of the tax; the last share takes
what is left, so credit notes add up to the invoice whatever the order they came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from callcart.commerce.invoicing.buyers import reachable
from callcart.commerce.invoicing.content import Content, Part, sums_by_rate
from callcart.commerce.invoicing.errors import NothingLeft, TooMuchCredit
from callcart.commerce.invoicing.models import Document, Kind
from callcart.commerce.invoicing.seller import seller
from callcart.commerce.invoicing.write import write
from callcart.commerce.orders.public import Order
from callcart.commerce.payments.public import family_of, sums_of
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.approvals import public as approvals

REFUND = "refund:"


@dataclass(frozen=True, slots=True)
class Left:
    """What of an invoice's line has not been credited."""

    part: Part
    units: int
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


def left_of(invoice: Document) -> tuple[Left, ...]:
    """Every line of an invoice with what is left of it."""
    found = {
        part.position: Left(part, part.quantity, part.net, part.tax)
        for part in Content.from_json(invoice.content).parts
    }
    for note in Document.objects.filter(refers_to=invoice).only("content"):
        for part in Content.from_json(note.content).parts:
            before = found[part.position]
            found[part.position] = Left(
                before.part, before.units - part.quantity, before.net - part.net, before.tax - part.tax
            )
    return tuple(found.values())


def credit_invoice(
    actor: Actor,
    invoice_id: UUID,
    *,
    reason: str,
    idempotency_key: str,
    units: Mapping[int, int] | None = None,
    amount: Money | None = None,
) -> Document:
    """Credit so many units of lines (by position), or an amount over all lines, or, with neither, all that is left. The limit
    counts what the actor credited of this order before. Raises NotFound, Invalid, TooMuchCredit, NothingLeft, NeedsApproval."""
    actor.require("invoicing.credit")
    form = Fields()
    reason = form.line("reason", reason, most=300, required=True)
    form.done()
    body = {"invoice": str(invoice_id), "reason": reason, "units": _plain(units), "amount": _minor(amount)}
    with idempotency.claim(actor, "invoicing.credit", idempotency_key, body) as once:
        if once.stored is not None:
            return Document.objects.get(id=once.stored["document_id"])
        order, invoice = locked(actor, invoice_id)
        shares = share(invoice, units=units, amount=amount)
        value = Money(sum(each.gross for each in shares), invoice.currency)
        approvals.use(actor, "invoicing.credit", amount=value, subject=family_of(order.id))
        note = write_note(actor, order, invoice, shares, reason=reason)
        once.store({"document_id": str(note.id)})
    return note


def _plain(units: Mapping[int, int] | None) -> dict[str, int] | None:
    return None if units is None else {str(position): count for position, count in sorted(units.items())}


def _minor(amount: Money | None) -> list[object] | None:
    return None if amount is None else [amount.minor, amount.currency]


def locked(actor: Actor, invoice_id: UUID, *, permission: str = "invoicing.credit") -> tuple[Order, Document]:
    """An invoice that is not credited in full, and its order, both locked. Raises NotFound, NothingLeft."""
    known = Document.objects.filter(id=invoice_id, kind=Kind.INVOICE).only("order_id").first()
    if known is None:
        raise NotFound
    order = reachable(actor, known.order_id, permission=permission, lock=True)
    invoice = Document.objects.select_for_update(no_key=True, of=("self",)).get(id=invoice_id)
    if invoice.closed_at is not None:
        raise NothingLeft
    return order, invoice


def share(
    invoice: Document, *, units: Mapping[int, int] | None = None, amount: Money | None = None
) -> tuple[Part, ...]:
    """The parts of a credit note. Raises Invalid, TooMuchCredit."""
    left = left_of(invoice)
    added = Content.from_json(invoice.content).tax_added
    if units is not None:
        return _by_units(left, units, added=added)
    if amount is not None:
        return _by_amount(invoice, left, amount)
    return tuple(_all(each, added=added) for each in left if each.units or each.gross)


def _by_units(left: tuple[Left, ...], units: Mapping[int, int], *, added: bool) -> tuple[Part, ...]:
    known, wrong, found = {each.part.position: each for each in left}, {}, []
    for position, count in sorted(units.items()):
        each = known.get(position)
        if each is None or count < 0 or count > each.units:
            most = each.units if each else 0
            wrong[f"units_{position}"] = _("At most %(most)s.") % {"most": most}
        elif count:
            found.append(_some(each, count, added=added))
    if not found and not wrong:
        wrong["units"] = _("Say how many of which line.")
    if wrong:
        raise Invalid(fields=wrong)
    return tuple(found)


def _some(left: Left, count: int, *, added: bool) -> Part:
    """A number of units: their share of what is left of the line."""
    if count == left.units:
        return _all(left, added=added)
    base = left.net if added else left.gross
    part = _rounded(base * count, left.units)
    tax = _rounded(left.tax * part, base) if base else 0
    net = part if added else part - tax
    return replace(left.part, quantity=count, net=net, tax=tax, discount=left.part.unit * count - part)


def _all(left: Left, *, added: bool) -> Part:
    base = left.net if added else left.gross
    if not left.units:
        return replace(left.part, quantity=0, unit=0, discount=0, net=left.net, tax=left.tax)
    discount = left.part.unit * left.units - base
    return replace(left.part, quantity=left.units, net=left.net, tax=left.tax, discount=discount)


def _by_amount(invoice: Document, left: tuple[Left, ...], amount: Money) -> tuple[Part, ...]:
    """An amount, shared over the lines by what is left of each (largest remainder), and in each over net and tax."""
    if amount.currency != invoice.currency or amount.minor <= 0:
        raise Invalid(fields={"amount": _("Give an amount above zero.")})
    if amount.minor > invoice.left.minor:
        most = invoice.left.format(_locale())
        raise TooMuchCredit(fields={"amount": _("At most %(most)s.") % {"most": most}}, most=most)
    open_ = [each for each in left if each.gross]
    parts = []
    for each, mine in zip(open_, amount.allocate([each.gross for each in open_]), strict=True):
        if mine.minor:
            tax = _rounded(each.tax * mine.minor, each.gross)
            parts.append(replace(each.part, quantity=0, unit=0, discount=0, net=mine.minor - tax, tax=tax))
    return tuple(parts)


def _rounded(part: int, whole: int) -> int:
    """Half up, of two whole numbers that are not negative."""
    return (2 * part + whole) // (2 * whole)


def _locale() -> str:
    return "zh_Hans" if (get_language() or "").startswith("zh") else "en"


def write_note(
    actor: Actor, order: Order, invoice: Document, parts: tuple[Part, ...], *, reason: str, source: str = ""
) -> Document:
    """Issue the credit note of an invoice whose lock is held, and write down on the invoice that it was credited."""
    original = Content.from_json(invoice.content)
    content = replace(
        original,
        kind=Kind.CREDIT_NOTE,
        parts=parts,
        taxes=sums_by_rate(parts),
        refers_to=invoice.number,
        refers_on=original.issued_on,
        reason=reason,
    )
    note = write(actor, order, seller(), content, refers_to=invoice, source=source)
    invoice.credited_minor += note.total_minor
    if invoice.credited_minor == invoice.total_minor:
        invoice.closed_at = now()
    invoice.save(update_fields=["credited_minor", "closed_at"])
    return note


def credit_rest(actor: Actor, order: Order, invoice: Document, *, reason: str, source: str = "") -> Document:
    """Credit all that is left; locks are held."""
    return write_note(actor, order, invoice, share(invoice), reason=reason, source=source)


def credit_refunds(actor: Actor, invoice: Document) -> Document | None:
    """The credit note for what of an order's money went back, or is not asked for because it was never delivered. Nothing where
    a note covers it already: the invoice never falls below what we keep of the customer's money, and each sum counts once."""
    order = Order.objects.select_for_update(no_key=True).get(id=invoice.order_id)
    found = Document.objects.select_for_update(no_key=True, of=("self",)).get(id=invoice.id)
    sums = sums_of([order.id]).get(order.id)
    if found.closed_at is not None or sums is None:
        return None
    notes = Document.objects.filter(refers_to=found, source__startswith=REFUND)
    told = sum(note.total_minor for note in notes)
    kept = sums.captured - sums.refunded
    gone = sums.refunded + sums.relieved
    value = min(gone - told, found.left.minor - kept, found.left.minor)
    if value <= 0:
        return None
    with override(order.language):
        reason = _("Money given back") if sums.refunded else _("Not delivered")
    parts = share(found, amount=Money(value, found.currency))
    source = f"{REFUND}{found.id}:{gone}"
    return write_note(actor, order, found, parts, reason=reason, source=source)
