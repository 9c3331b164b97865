from callcart.core import domain


class AftersalesConfig(domain.DomainConfig):
    name = "callcart.commerce.aftersales"
    label = "aftersales"
    declares = ("permissions", "approvals", "handlers", "jobs")
