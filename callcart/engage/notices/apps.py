from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "handlers", "invoices", "jobs")


class NoticesConfig(AppConfig):
    name = "callcart.engage.notices"
    label = "notices"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
