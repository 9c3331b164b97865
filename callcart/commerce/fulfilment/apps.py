from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "handlers", "jobs")


class FulfilmentConfig(AppConfig):
    name = "callcart.commerce.fulfilment"
    label = "fulfilment"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
