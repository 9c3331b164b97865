"""A shop of any size for trying what volume does: up to millions of orders, made by the tables' owner set by set.

`make(Size(...))` goes on where it was stopped. What is made is what the verbs would have made: every count, sum and document
agrees with every other, and `callcart integrity` finds nothing. Nobody in it exists.
"""

from callcart.demo.scale.filling import make
from callcart.demo.scale.size import Size

__all__ = ["Size", "make"]
