from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions",)


class PricingConfig(AppConfig):
    name = "callcart.commerce.pricing"
    label = "pricing"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
