from callcart.core import domain


class SupervisionConfig(domain.DomainConfig):
    name = "callcart.contact.supervision"
    label = "supervision"
    declares = ("permissions",)
