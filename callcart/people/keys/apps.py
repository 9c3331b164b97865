from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "jobs")


class KeysConfig(AppConfig):
    name = "callcart.people.keys"
    label = "keys"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
