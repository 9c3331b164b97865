"""What a receipt was booked from. Voiding the receipt lets the line wait again. The caller holds the payment's lock, and takes the
line's after it.
"""

from __future__ import annotations

from callcart.commerce.payments.models import CashState, LineState, Receipt, RemittanceLine, StatementLine
from callcart.core.clock import now

STATEMENT_LINE = "statement_line"
REMITTANCE_LINE = "remittance_line"


def reopen(receipt: Receipt) -> None:
    """The line that a receipt came from is open again by its amount."""
    if receipt.source_id is None:
        return
    if receipt.source_kind == STATEMENT_LINE:
        line = StatementLine.objects.select_for_update(no_key=True).get(id=receipt.source_id)
        line.booked_minor -= receipt.amount_minor
        line.state, line.changed_at = LineState.OPEN, now()
        line.save(update_fields=["booked_minor", "state", "changed_at"])
    elif receipt.source_kind == REMITTANCE_LINE:
        cash = RemittanceLine.objects.select_for_update(no_key=True).get(id=receipt.source_id)
        same = cash.amount_minor == cash.expected_minor
        cash.state = CashState.MATCHED if same else CashState.DIFFERS
        cash.difference_kind, cash.difference_reason, cash.changed_at = "", "", now()
        cash.save(update_fields=["state", "difference_kind", "difference_reason", "changed_at"])
