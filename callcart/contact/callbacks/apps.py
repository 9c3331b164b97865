from callcart.core import domain


class CallbacksConfig(domain.DomainConfig):
    name = "callcart.contact.callbacks"
    label = "callbacks"
    declares = ("permissions", "handlers")
