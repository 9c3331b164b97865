"""What other rooms may use of payments."""

from callcart.commerce.payments.cash import NotCash, record_collected, record_remitted
from callcart.commerce.payments.divide import (
    HasPlan,
    MoneyUnderWay,
    PaidInOneSum,
    divide_payment,
    divisible,
)
from callcart.commerce.payments.divide import shares as payment_shares
from callcart.commerce.payments.gateway import (
    ForgedWebhook,
    GatewayRefused,
    GatewayUnreachable,
    gateway_names,
)
from callcart.commerce.payments.intent import (
    LEAST_INSTALMENTS,
    MOST_INSTALMENTS,
    cancel_payment,
    change_amount,
    create_intent,
    parts_of,
)
from callcart.commerce.payments.ledger import NoPayment
from callcart.commerce.payments.links import PayPage, order_of_token, pay_page, pay_token
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    PaymentState,
    ProviderEvent,
    Receipt,
    ReceiptMethod,
    Refund,
    RefundState,
    RefundWay,
)
from callcart.commerce.payments.queries import PaymentDetail, Sums, payment_of, sums_of, unmatched_events
from callcart.commerce.payments.receipts import AlreadyVoid, GivenBack, receive, void_receipt
from callcart.commerce.payments.refund import (
    RefundNotOpen,
    TooMuchRefund,
    finish_refund,
    pay_refund,
    request_refund,
)
from callcart.commerce.payments.start import NothingDue, Redirect, start_payment
from callcart.commerce.payments.webhook import Outcome, apply_webhook

__all__ = [
    "LEAST_INSTALMENTS",
    "MOST_INSTALMENTS",
    "AlreadyVoid",
    "Attempt",
    "AttemptState",
    "ForgedWebhook",
    "GatewayRefused",
    "GatewayUnreachable",
    "GivenBack",
    "HasPlan",
    "Instalment",
    "InstalmentState",
    "MoneyUnderWay",
    "NoPayment",
    "NotCash",
    "NothingDue",
    "Outcome",
    "PaidInOneSum",
    "PayPage",
    "Payment",
    "PaymentDetail",
    "PaymentMethod",
    "PaymentState",
    "ProviderEvent",
    "Receipt",
    "ReceiptMethod",
    "Redirect",
    "Refund",
    "RefundNotOpen",
    "RefundState",
    "RefundWay",
    "Sums",
    "TooMuchRefund",
    "apply_webhook",
    "cancel_payment",
    "change_amount",
    "create_intent",
    "divide_payment",
    "divisible",
    "finish_refund",
    "gateway_names",
    "order_of_token",
    "parts_of",
    "pay_page",
    "pay_refund",
    "pay_token",
    "payment_of",
    "payment_shares",
    "receive",
    "record_collected",
    "record_remitted",
    "request_refund",
    "start_payment",
    "sums_of",
    "unmatched_events",
    "void_receipt",
]
