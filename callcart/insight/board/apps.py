from django.apps import AppConfig


class BoardConfig(AppConfig):
    name = "callcart.insight.board"
    label = "board"

    def ready(self) -> None:
        from callcart.insight.board import permissions  # noqa: F401
