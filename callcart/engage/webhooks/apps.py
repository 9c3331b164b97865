from callcart.core import domain


class WebhooksConfig(domain.DomainConfig):
    name = "callcart.engage.webhooks"
    label = "webhooks"
    declares = ("permissions", "handlers", "jobs")
