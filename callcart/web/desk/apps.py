from callcart.core import domain


class DeskConfig(domain.DomainConfig):
    name = "callcart.web.desk"
    label = "desk"
    declares = ("permissions",)
