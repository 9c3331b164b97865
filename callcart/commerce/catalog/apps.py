from callcart.core import domain


class CatalogConfig(domain.DomainConfig):
    name = "callcart.commerce.catalog"
    label = "catalog"
    declares = ("permissions", "importing", "jobs")
