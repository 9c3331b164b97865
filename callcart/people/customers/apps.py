from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "callcart.people.customers"
    label = "customers"

    def ready(self) -> None:
        from callcart.people.customers import importing, permissions  # noqa: F401
