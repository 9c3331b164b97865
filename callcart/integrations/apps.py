from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """An app for its words only: what a channel's set-up asks for, what a provider's answer means."""

    name = "callcart.integrations"
    label = "integrations"
