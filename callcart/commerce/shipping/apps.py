from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "troubles", "handlers", "jobs")


class ShippingConfig(AppConfig):
    name = "callcart.commerce.shipping"
    label = "shipping"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
