from callcart.core import domain


class MessagingConfig(domain.DomainConfig):
    name = "callcart.contact.messaging"
    label = "messaging"
    declares = ("permissions", "jobs")
