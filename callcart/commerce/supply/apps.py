from callcart.core import domain


class SupplyConfig(domain.DomainConfig):
    name = "callcart.commerce.supply"
    label = "supply"
    declares = ("permissions", "handlers", "jobs")
