from importlib import import_module

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "callcart.core.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for module in ("permissions", "jobs"):
            import_module(f"{self.name}.{module}")
