from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "callcart.contact.conversations"
    label = "conversations"

    def ready(self) -> None:
        from callcart.contact.conversations import permissions  # noqa: F401
