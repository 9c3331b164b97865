from callcart.core import domain


class BoardConfig(domain.DomainConfig):
    name = "callcart.insight.board"
    label = "board"
    declares = ("permissions",)
