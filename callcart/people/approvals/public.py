"""What other rooms may use of approvals.

A verb checks `require(actor, permission, amount=…)`, which raises NeedsApproval above the actor's limit; the page then offers to
`ask`. `use` counts what belongs together, so that cutting into pieces passes no limit. The domain registers what is done on
approval: `@action("payments.refund", label=…, link="office:order")`.
"""

from __future__ import annotations

from callcart.people.approvals.actions import Action, action, known
from callcart.people.approvals.ask import ask, withdraw
from callcart.people.approvals.decide import approve, refuse
from callcart.people.approvals.errors import (
    ActionGone,
    AlreadyAsked,
    AlreadyDecided,
    NeedsApproval,
    NobodyCanApprove,
    NotYours,
    OwnRequest,
)
from callcart.people.approvals.limits import DAY, alone, use
from callcart.people.approvals.models import Approval, ApprovalState
from callcart.people.approvals.queries import (
    ApprovalPage,
    Part,
    count_decidable,
    get_approval,
    list_approvals,
    may_decide,
    names_of_approvers,
    waiting_for,
)
from callcart.people.approvals.reach import approvers, require, takes_part

__all__ = [
    "DAY",
    "Action",
    "ActionGone",
    "AlreadyAsked",
    "AlreadyDecided",
    "Approval",
    "ApprovalPage",
    "ApprovalState",
    "NeedsApproval",
    "NobodyCanApprove",
    "NotYours",
    "OwnRequest",
    "Part",
    "action",
    "alone",
    "approve",
    "approvers",
    "ask",
    "count_decidable",
    "get_approval",
    "known",
    "list_approvals",
    "may_decide",
    "names_of_approvers",
    "refuse",
    "require",
    "takes_part",
    "use",
    "waiting_for",
    "withdraw",
]
