from callcart.core import domain


class ExchangeConfig(domain.DomainConfig):
    name = "callcart.core.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
    declares = ("permissions", "jobs")
