from callcart.core import domain


class VoicemailConfig(domain.DomainConfig):
    name = "callcart.contact.voicemail"
    label = "voicemail"
    declares = ("permissions", "keeping")
