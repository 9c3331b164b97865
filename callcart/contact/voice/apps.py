from callcart.core import domain


class VoiceConfig(domain.DomainConfig):
    name = "callcart.contact.voice"
    label = "voice"
    declares = ("permissions", "handlers", "jobs")
