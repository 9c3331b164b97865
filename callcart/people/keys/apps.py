from callcart.core import domain


class KeysConfig(domain.DomainConfig):
    name = "callcart.people.keys"
    label = "keys"
    declares = ("permissions", "jobs")
