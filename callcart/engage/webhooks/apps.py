from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "handlers", "jobs")


class WebhooksConfig(AppConfig):
    name = "callcart.engage.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
