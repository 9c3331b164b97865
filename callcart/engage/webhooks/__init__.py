"""Webhooks: a shop's other programs are told what happened, in order, signed, until they have taken it."""
