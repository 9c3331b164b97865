"""Where a task or a request leads: the page that its kind names, or that of the thing it is about."""

from __future__ import annotations

from uuid import UUID

from django.urls import NoReverseMatch, reverse

_OF_SUBJECT = {"order": "office:order", "customer": "office:customer"}


def address(link: str, subject_kind: str, subject_id: UUID) -> str:
    """The address; empty where no page shows such a thing."""
    for name in (link, _OF_SUBJECT.get(subject_kind, "")):
        if name:
            try:
                return reverse(name, args=[subject_id])
            except NoReverseMatch:
                continue
    return ""
