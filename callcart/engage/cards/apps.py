from callcart.core import domain


class CardsConfig(domain.DomainConfig):
    name = "callcart.engage.cards"
    label = "cards"
    declares = ("permissions",)
