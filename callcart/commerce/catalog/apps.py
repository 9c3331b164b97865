from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "importing", "jobs")


class CatalogConfig(AppConfig):
    name = "callcart.commerce.catalog"
    label = "catalog"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
