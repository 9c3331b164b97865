from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "callcart.web.api"
    label = "web_api"
