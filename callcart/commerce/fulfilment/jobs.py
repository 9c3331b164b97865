"""Background work of this domain: importing it makes its jobs known to the worker."""

from callcart.commerce.fulfilment.printing import run_print

__all__ = ["run_print"]
