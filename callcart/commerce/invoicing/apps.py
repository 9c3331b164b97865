from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "approvals", "handlers", "batch")


class InvoicingConfig(AppConfig):
    name = "callcart.commerce.invoicing"
    label = "invoicing"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
