from callcart.core import domain


class InvoicingConfig(domain.DomainConfig):
    name = "callcart.commerce.invoicing"
    label = "invoicing"
    declares = ("permissions", "approvals", "handlers", "batch")
