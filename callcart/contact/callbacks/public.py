"""The public face of callbacks. Callers stand inside `tenant_transaction(tenant_id)`, but for call_now and run_timers.

Asking     ask (a customer), promise (an agent's word), words_of
At a desk  call_now, done, not_reached, put_off
Rules      rules_of, rules_by_queue, queue_that_calls, save_rules
Time       run_timers
Reading    of_desk, get_callback, callbacks, may_work_on
Event      callback.changed (staff: callback_id, queue_id, state)
"""

from callcart.contact.callbacks.acts import TakenUp, call_now, done, not_reached, put_off
from callcart.contact.callbacks.ask import Asked, Wanted, Why, ask, promise, words_of
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.queries import (
    Desk,
    Filters,
    callbacks,
    get_callback,
    may_work_on,
    of_desk,
)
from callcart.contact.callbacks.rules import (
    LIMITS,
    Rules,
    queue_that_calls,
    rules_by_queue,
    rules_of,
    save_rules,
)
from callcart.contact.callbacks.states import OPEN, Source, State
from callcart.contact.callbacks.timers import run_timers

__all__ = [
    "LIMITS",
    "OPEN",
    "Asked",
    "Callback",
    "Desk",
    "Filters",
    "Rules",
    "Source",
    "State",
    "TakenUp",
    "Wanted",
    "Why",
    "ask",
    "call_now",
    "callbacks",
    "done",
    "get_callback",
    "may_work_on",
    "not_reached",
    "of_desk",
    "promise",
    "put_off",
    "queue_that_calls",
    "rules_by_queue",
    "rules_of",
    "run_timers",
    "save_rules",
    "words_of",
]
