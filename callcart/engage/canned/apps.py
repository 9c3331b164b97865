from callcart.core import domain


class CannedConfig(domain.DomainConfig):
    name = "callcart.engage.canned"
    label = "canned"
    declares = ("permissions",)
