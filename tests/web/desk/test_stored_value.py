"""A placed order is paid from the desk by the code of a gift card or from the customer's store credit."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from callcart.commerce.payments.models import Payment
from callcart.commerce.payments.public import grant_credit, issue_card
from callcart.core.money import Money
from callcart.people.staff.models import Role
from tests.web.desk.stage import Stage


def test_a_code_read_out_pays_and_then_the_credit(desk: Stage) -> None:
    order = desk.order()
    with desk.transaction():
        code = issue_card(desk.boss, amount=Money(300, "USD"), idempotency_key=str(uuid4())).code
        assert order.customer_id is not None
        grant_credit(
            desk.boss, customer_id=order.customer_id, amount=Money(200, "USD"), reason="x", idempotency_key=str(uuid4())
        )  # fmt: skip

    def pay(code: str) -> Any:
        return desk.send(f"order/{order.id}/stored-value", {"code": code}).json()["html"]

    assert "This is no gift card code." in pay("ABCD")
    assert "$3.00 paid" in pay(code)
    assert "$3.00 paid" in pay(code)  # pressed twice: the same
    assert "$2.00 paid" in pay("")
    with desk.transaction():
        assert Payment.objects.get(order_id=order.id).captured_minor == 500
        role = Role.objects.get(key="agent")
        fewer = {name: value for name, value in role.grants.items() if name != "payments.use_value"}
        Role.objects.filter(id=role.id).update(grants=fewer)
    try:
        assert desk.send(f"order/{order.id}/stored-value", {"code": code}).status_code == 403
    finally:
        with desk.transaction():
            Role.objects.filter(id=role.id).update(grants=role.grants)
