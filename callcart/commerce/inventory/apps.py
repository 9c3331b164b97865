from callcart.core import domain


class InventoryConfig(domain.DomainConfig):
    name = "callcart.commerce.inventory"
    label = "inventory"
    declares = ("permissions", "approvals", "importing", "sets")
