from callcart.core import domain


class PricingConfig(domain.DomainConfig):
    name = "callcart.commerce.pricing"
    label = "pricing"
    declares = ("permissions",)
