from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "approvals", "handlers", "jobs")


class AftersalesConfig(AppConfig):
    name = "callcart.commerce.aftersales"
    label = "aftersales"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
