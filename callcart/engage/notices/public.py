"""What the web may use of notices."""

from __future__ import annotations

from callcart.core.sms_length import Length, sms_length
from callcart.engage.notices.chats import sends_transcripts
from callcart.engage.notices.fill import fields_in
from callcart.engage.notices.kinds import KINDS, Kind, field_labels
from callcart.engage.notices.models import Medium, Notice, NoticeState, Way
from callcart.engage.notices.queries import (
    After,
    NotDead,
    NoticeFilters,
    NoticePage,
    list_notices,
    notices_of_customer,
    notices_of_order,
    send_again,
)
from callcart.engage.notices.transport import NoMail, only_shown, ways_out
from callcart.engage.notices.wording import (
    LANGUAGES,
    MOST_MAIL,
    MOST_SMS,
    MOST_SUBJECT,
    Filled,
    Wording,
    change_wording,
    check,
    fill,
    is_own,
    reset_wording,
    sample,
    set_way,
    shipped,
    ways,
    wording,
)

__all__ = [
    "KINDS",
    "LANGUAGES",
    "MOST_MAIL",
    "MOST_SMS",
    "MOST_SUBJECT",
    "After",
    "Filled",
    "Kind",
    "Length",
    "Medium",
    "NoMail",
    "NotDead",
    "Notice",
    "NoticeFilters",
    "NoticePage",
    "NoticeState",
    "Way",
    "Wording",
    "change_wording",
    "check",
    "field_labels",
    "fields_in",
    "fill",
    "is_own",
    "list_notices",
    "notices_of_customer",
    "notices_of_order",
    "only_shown",
    "reset_wording",
    "sample",
    "send_again",
    "sends_transcripts",
    "set_way",
    "shipped",
    "sms_length",
    "ways",
    "ways_out",
    "wording",
]
