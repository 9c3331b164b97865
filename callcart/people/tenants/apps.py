from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "callcart.people.tenants"
    label = "tenants"

    def ready(self) -> None:
        from callcart.people.tenants import permissions  # noqa: F401
