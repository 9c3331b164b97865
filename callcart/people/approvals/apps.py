from callcart.core import domain


class ApprovalsConfig(domain.DomainConfig):
    name = "callcart.people.approvals"
    label = "approvals"
    declares = ("jobs",)
