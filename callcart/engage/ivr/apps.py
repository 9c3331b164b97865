from callcart.core import domain


class IvrConfig(domain.DomainConfig):
    name = "callcart.engage.ivr"
    label = "ivr"
    declares = ("permissions",)

    def ready(self) -> None:
        super().ready()
        from callcart.engage.ivr import phrases

        phrases.declare()
