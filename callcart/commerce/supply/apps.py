from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "handlers", "jobs")


class SupplyConfig(AppConfig):
    name = "callcart.commerce.supply"
    label = "supply"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
