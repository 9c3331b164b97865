"""What other rooms may use of after-sales."""

from callcart.commerce.aftersales.asking import AskableLine, AskDraft, AskLine, ask, askable
from callcart.commerce.aftersales.costs import add_cost
from callcart.commerce.aftersales.decide import (
    ReplacementSent,
    approve,
    ask_to_approve,
    cancel,
    note_sent,
    refuse,
)
from callcart.commerce.aftersales.history import HistoryRow
from callcart.commerce.aftersales.label import return_label
from callcart.commerce.aftersales.labels import (
    cost_label,
    goods_label,
    kind_label,
    reason_label,
    state_label,
    wish_label,
)
from callcart.commerce.aftersales.models import Case, CaseLine, Cost, Finding, Picture, ShopRules, TimeRule
from callcart.commerce.aftersales.pictures import add_pictures, keep_pictures, picture_of
from callcart.commerce.aftersales.queries import (
    WAITS_ON,
    CaseDetail,
    CaseFilters,
    CasePage,
    CaseRow,
    case_by_number,
    case_detail,
    cases_of_customer,
    cases_of_order,
    count_waiting,
    list_cases,
    numbers_of,
)
from callcart.commerce.aftersales.receiving import FindingDraft, inspect, receive
from callcart.commerce.aftersales.rules import (
    DEFAULT_DAYS,
    Possible,
    RulesDraft,
    StaleRules,
    rules_of,
    set_rules,
    set_warranty,
    warranties,
)
from callcart.commerce.aftersales.scope import StaleCase
from callcart.commerce.aftersales.settling import Settlement, ask_to_settle, preview, send_back, settle
from callcart.commerce.aftersales.states import (
    OPEN,
    REASONS,
    REMEDIES,
    WISHES,
    Carriage,
    CaseState,
    CostKind,
    Goods,
    Kind,
    Reason,
    Wish,
    WrongCaseState,
)
from callcart.commerce.aftersales.worth import LineShare, Proposal

__all__ = [
    "DEFAULT_DAYS", "OPEN", "REASONS", "REMEDIES", "WAITS_ON", "WISHES",
    "AskDraft", "AskLine", "AskableLine", "Carriage", "Case", "CaseDetail", "CaseFilters", "CaseLine", "CasePage",
    "CaseRow", "CaseState", "Cost", "CostKind", "Finding", "FindingDraft", "Goods", "HistoryRow", "Kind", "LineShare",
    "Picture", "Possible", "Proposal", "Reason", "ReplacementSent", "RulesDraft", "Settlement", "ShopRules", "StaleCase",
    "StaleRules", "TimeRule", "Wish", "WrongCaseState",
    "add_cost", "add_pictures", "approve", "ask", "ask_to_approve", "ask_to_settle", "askable", "cancel", "case_by_number",
    "case_detail", "cases_of_customer", "cases_of_order", "cost_label", "count_waiting", "goods_label", "inspect",
    "keep_pictures", "kind_label", "list_cases", "note_sent", "numbers_of", "picture_of", "preview", "reason_label",
    "receive", "refuse", "return_label", "rules_of", "send_back", "set_rules", "set_warranty", "settle", "state_label",
    "warranties", "wish_label",
]  # fmt: skip
