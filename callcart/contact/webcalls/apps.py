from callcart.core import domain


class WebCallsConfig(domain.DomainConfig):
    name = "callcart.contact.webcalls"
    label = "webcalls"
    declares = ("handlers",)
