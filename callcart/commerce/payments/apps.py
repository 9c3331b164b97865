from callcart.core import domain


class PaymentsConfig(domain.DomainConfig):
    name = "callcart.commerce.payments"
    label = "payments"
    declares = (
        "permissions",
        "jobs",
        "dunning",
        "stored_value",
        "stored_jobs",
        "refund",
        "unpaid",
        "importing",
    )
