from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "callcart.contact.routing"
    label = "routing"

    def ready(self) -> None:
        from callcart.contact.routing import permissions  # noqa: F401
