"""The public face of surveys. Callers stand inside `tenant_transaction(tenant_id)`, but for `finish`.

Set-up      surveys, get_survey, save_survey, switch_survey, rules, save_rule
Asking      ask, answer, say_more, answers_of, follows_call, may_pass_on, pass_on (a call), finish (a written conversation), token_of, asked_by, asked_of,
            questions_of, count_change
Results     answered, means
Event       survey.answered (board)
"""

from callcart.engage.survey.asking import (
    answer,
    answers_of,
    ask,
    asked_by,
    asked_of,
    count_change,
    follows_call,
    may_pass_on,
    questions_of,
    say_more,
    token_of,
)
from callcart.engage.survey.closing import NoSurvey, finish, pass_on
from callcart.engage.survey.models import MOST_QUESTIONS, AfterCall, Asked, Rule, Survey
from callcart.engage.survey.results import PAGE, By, Mean, Wanted, answered, means
from callcart.engage.survey.setup import (
    LANGUAGES,
    RuleChanged,
    RuleDraft,
    SurveyChanged,
    SurveyDraft,
    get_survey,
    rules,
    save_rule,
    save_survey,
    surveys,
    switch_survey,
)

__all__ = [
    "LANGUAGES",
    "MOST_QUESTIONS",
    "PAGE",
    "AfterCall",
    "Asked",
    "By",
    "Mean",
    "NoSurvey",
    "Rule",
    "RuleChanged",
    "RuleDraft",
    "Survey",
    "SurveyChanged",
    "SurveyDraft",
    "Wanted",
    "answer",
    "answered",
    "answers_of",
    "ask",
    "asked_by",
    "asked_of",
    "count_change",
    "finish",
    "follows_call",
    "get_survey",
    "may_pass_on",
    "means",
    "pass_on",
    "questions_of",
    "rules",
    "save_rule",
    "save_survey",
    "say_more",
    "surveys",
    "switch_survey",
    "token_of",
]
