from callcart.core import domain


class RecordingsConfig(domain.DomainConfig):
    name = "callcart.contact.recordings"
    label = "recordings"
    declares = ("permissions", "handlers", "jobs", "retention", "transcripts", "delete")
