from callcart.core import domain


class TenantsConfig(domain.DomainConfig):
    name = "callcart.people.tenants"
    label = "tenants"
    declares = ("permissions",)
