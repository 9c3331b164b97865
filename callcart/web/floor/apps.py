from callcart.core import domain


class FloorConfig(domain.DomainConfig):
    name = "callcart.web.floor"
    label = "floor"
