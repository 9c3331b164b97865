from importlib import import_module

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "callcart.people.approvals"
    label = "approvals"

    def ready(self) -> None:
        import_module(f"{self.name}.jobs")
