"""What faces may use of cards.

For the agent       orders_to_show, show_order
For the visitor     agree
For both            faces (how orders look as cards), waits
"""

from callcart.engage.cards.agree import NothingToAgree, agree
from callcart.engage.cards.face import Face, faces, waits
from callcart.engage.cards.show import (
    ORDER,
    OTHERS,
    AlreadyShown,
    OnlyInChats,
    orders_to_show,
    show_order,
)

__all__ = [
    "ORDER",
    "OTHERS",
    "AlreadyShown",
    "Face",
    "NothingToAgree",
    "OnlyInChats",
    "agree",
    "faces",
    "orders_to_show",
    "show_order",
    "waits",
]
