from callcart.core import domain


class CustomersConfig(domain.DomainConfig):
    name = "callcart.people.customers"
    label = "customers"
    declares = ("importing", "permissions")
