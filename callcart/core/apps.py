from callcart.core import domain


class CoreConfig(domain.DomainConfig):
    name = "callcart.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"
    declares = ("integrity", "forget")
