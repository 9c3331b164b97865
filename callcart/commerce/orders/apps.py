from callcart.core import domain


class OrdersConfig(domain.DomainConfig):
    name = "callcart.commerce.orders"
    label = "orders"
    declares = ("permissions", "handlers", "jobs", "asked", "importing.kinds", "importing.parcels")
