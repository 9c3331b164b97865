"""Things of the shop shown to a customer in a written conversation: an order, to be looked at, paid or agreed to."""
