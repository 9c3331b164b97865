from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "callcart.web.desk"
    label = "desk"

    def ready(self) -> None:
        from callcart.web.desk import permissions  # noqa: F401
