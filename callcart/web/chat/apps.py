from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "callcart.web.chat"
    label = "chat"
