from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "handlers", "jobs")


class VoiceConfig(AppConfig):
    name = "callcart.contact.voice"
    label = "voice"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
