"""What can be said against asking and deciding."""

from __future__ import annotations

from callcart.core.errors import Conflict, PermissionDenied


class NeedsApproval(PermissionDenied):
    """This is above your limit. Ask somebody with a higher one to approve it."""

    code = "approvals.needed"


class NobodyCanApprove(Conflict):
    """Nobody else here may approve this. Ask your administrator to give somebody the permission with a high enough limit."""

    code = "approvals.nobody"


class AlreadyAsked(Conflict):
    """%(name)s has already asked for this, and it is not decided yet."""

    code = "approvals.already_asked"


class OwnRequest(PermissionDenied):
    """You asked for this yourself; somebody else has to approve it."""

    code = "approvals.own"


class NotYours(PermissionDenied):
    """Only whoever asked can take a request back."""

    code = "approvals.not_yours"


class AlreadyDecided(Conflict):
    """This request was already decided or taken back, or its time has run out."""

    code = "approvals.decided"


class ActionGone(Conflict):
    """This can no longer be approved from here. Refuse the request and do it by hand."""

    code = "approvals.action_gone"
