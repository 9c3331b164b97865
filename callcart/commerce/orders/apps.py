from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "handlers", "jobs", "asked", "importing.kinds", "importing.parcels")


class OrdersConfig(AppConfig):
    name = "callcart.commerce.orders"
    label = "orders"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
