from callcart.core import domain


class StaffConfig(domain.DomainConfig):
    name = "callcart.people.staff"
    label = "staff"
    declares = ("permissions",)
