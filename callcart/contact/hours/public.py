"""The public face of opening hours; all in the tenant's transaction.

Reading   calendar_of, calendars (is_open, next_opening, closes_at, open_between, after_open_time), queue_hours, special_days,
          overrides_now, history
Changing  set_shop_week, set_queue_hours, save_special_day, remove_special_day, override, lift
Event     queue.changed (board)
"""

from callcart.contact.hours.calendar import Calendar, Day, Exceptional, Week
from callcart.contact.hours.change import (
    lift,
    override,
    remove_special_day,
    save_special_day,
    set_queue_hours,
    set_shop_week,
)
from callcart.contact.hours.queries import (
    Change,
    calendar_of,
    calendars,
    history,
    overrides_now,
    queue_hours,
    special_days,
)

__all__ = [
    "Calendar",
    "Change",
    "Day",
    "Exceptional",
    "Week",
    "calendar_of",
    "calendars",
    "history",
    "lift",
    "override",
    "overrides_now",
    "queue_hours",
    "remove_special_day",
    "save_special_day",
    "set_queue_hours",
    "set_shop_week",
    "special_days",
]
