from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "approvals", "importing", "sets")


class InventoryConfig(AppConfig):
    name = "callcart.commerce.inventory"
    label = "inventory"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
