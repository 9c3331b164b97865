from callcart.core import domain


class ConversationsConfig(domain.DomainConfig):
    name = "callcart.contact.conversations"
    label = "conversations"
    declares = ("permissions", "jobs")
