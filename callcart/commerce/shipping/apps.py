from callcart.core import domain


class ShippingConfig(domain.DomainConfig):
    name = "callcart.commerce.shipping"
    label = "shipping"
    declares = ("permissions", "troubles", "handlers", "jobs")
