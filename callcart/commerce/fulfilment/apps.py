from callcart.core import domain


class FulfilmentConfig(domain.DomainConfig):
    name = "callcart.commerce.fulfilment"
    label = "fulfilment"
    declares = ("permissions", "handlers", "jobs")
