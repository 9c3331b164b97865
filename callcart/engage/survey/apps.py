from callcart.core import domain


class SurveyConfig(domain.DomainConfig):
    name = "callcart.engage.survey"
    label = "survey"
    declares = ("permissions",)
