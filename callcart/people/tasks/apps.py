from callcart.core import domain


class TasksConfig(domain.DomainConfig):
    name = "callcart.people.tasks"
    label = "tasks"
    declares = ("permissions",)
