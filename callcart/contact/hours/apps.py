from callcart.core import domain


class HoursConfig(domain.DomainConfig):
    name = "callcart.contact.hours"
    label = "hours"
    declares = ("permissions",)
