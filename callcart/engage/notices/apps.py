from callcart.core import domain


class NoticesConfig(domain.DomainConfig):
    name = "callcart.engage.notices"
    label = "notices"
    declares = ("permissions", "handlers", "invoices", "chats", "jobs")
