from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "callcart.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for module in ("integrity", "forget"):
            import_module(f"{self.name}.{module}")
