from callcart.core import domain


class RoutingConfig(domain.DomainConfig):
    name = "callcart.contact.routing"
    label = "routing"
    declares = ("permissions", "reach")
