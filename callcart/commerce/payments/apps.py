from importlib import import_module

from django.apps import AppConfig

MODULES = ("permissions", "jobs", "dunning", "stored_value", "stored_jobs", "refund", "unpaid", "importing")


class PaymentsConfig(AppConfig):
    name = "callcart.commerce.payments"
    label = "payments"

    def ready(self) -> None:
        for module in MODULES:
            import_module(f"{self.name}.{module}")
