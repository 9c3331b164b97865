"""Staff in the office: who works here, with which roles, as which agent, and where they are signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.routing import public as routing
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_ids
from callcart.people.staff import public as people
from callcart.web.accounts.browsers import browser_name
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal


@requires("staff.view")
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, with roles and whether they may sign in."""
    shown = request.GET.get("shown", "")
    active = {"": True, "all": None, "off": False}.get(shown, True)
    return page(request, "office/staff.html", people=people.list_staff(active=active), shown=shown)


@requires("staff.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Add a staff member."""
    errors, message = dict[str, str](), ""
    if request.method == "POST":
        with attempt() as tried:
            made = people.create_staff(
                actor_of(request), email=request.POST.get("email", ""), name=request.POST.get("name", ""),
                name_zh=request.POST.get("name_zh", ""), password=request.POST.get("password", ""),
                language=request.POST.get("language", ""), role_ids=read_ids(request.POST.getlist("roles")),
            )  # fmt: skip
        if tried:
            return go(request, url("office:staff_member", made.id), toast=_("Added. They can sign in now."))
        errors, message = tried.fields, tried.message
    return page(
        request, "office/staff_new.html", roles=people.list_roles(), errors=errors, message=message,
        posted=request.POST, status=422 if message else 200,
    )  # fmt: skip


@requires("staff.manage")
def member(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """One staff member: names, roles, and as an agent the queues and languages."""
    if request.method != "POST":
        return _member_page(request, staff_id)
    with attempt() as tried:
        _save_member(request, staff_id)
    if tried:
        return go(request, url("office:staff_member", staff_id), toast=_("Saved."))
    return _member_page(request, staff_id, tried)


def _save_member(request: HttpRequest, staff_id: UUID) -> None:
    actor, posted, form = actor_of(request), request.POST, Fields()
    with form.part():
        people.update_staff(
            actor, staff_id, version=version_seen(request),
            email=posted.get("email", ""), name=posted.get("name", ""), name_zh=posted.get("name_zh", ""),
            language=posted.get("language", ""),
        )  # fmt: skip
    wanted = set(read_ids(posted.getlist("roles")))
    with form.part():
        if wanted != {role.id for role in people.get_staff(staff_id).roles.all()}:
            people.set_roles(actor, staff_id, wanted)
    profile = read_ids([posted.get("profile", "")])
    with form.part():
        if profile and actor.can("routing.setup"):
            routing.set_agent_profile(actor, staff_id, profile_id=profile[0], skills=posted.getlist("skills"))
    form.done()


def _member_page(
    request: HttpRequest, staff_id: UUID, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    actor, found, posted = actor_of(request), people.get_staff(staff_id), request.POST
    typed = posted if tried is not None and not dialog else {}
    held = {role.id for role in found.roles.all()}
    agent = routing.agent_state(staff_id) if routing.is_agent(staff_id) else None
    refused = refusal(tried)
    errors = refused.fields
    return page(
        request, "office/staff_member.html", member=found, roles=people.list_roles(), posted=typed, errors=errors,
        message="" if dialog and errors else refused.message, dialog=dialog if errors else "",
        held=set(read_ids(posted.getlist("roles"))) if typed else held, agent=agent, profiles=_profiles(),
        sessions=people.list_sessions(actor, staff_id), skills=routing.skills(), itself=staff_id == actor.id,
        session=actor.session, browser=browser_name, known=set(posted.getlist("skills")) if typed else set(agent.skills if agent else ()),
        stale=refused.stale, status=refused.status,
    )  # fmt: skip


@require_POST
@requires("staff.manage")
def switch(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Stop somebody signing in, or let them again."""
    actor, back = actor_of(request), request.POST.get("active") == "1"
    said = _("They can sign in again.") if back else _("Switched off; signed out everywhere.")
    with attempt() as tried:
        if back:
            people.reactivate_staff(actor, staff_id)
        else:
            people.deactivate_staff(actor, staff_id, reason=request.POST.get("reason", ""))
    return _done(request, staff_id, tried, said=said, dialog="off")


@require_POST
@requires("staff.manage")
def password(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Give somebody a new password; they are signed out everywhere, and a lock is lifted."""
    with attempt() as tried:
        people.reset_password(actor_of(request), staff_id, request.POST.get("password", ""))
    return _done(request, staff_id, tried, said=_("New password set."), dialog="password")


@require_POST
@requires("staff.manage")
def second_factor(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Take the second factor away, for whoever lost their telephone."""
    with attempt() as tried:
        people.reset_totp(actor_of(request), staff_id)
    return _done(request, staff_id, tried, said=_("Second factor removed."))


@require_POST
@requires("staff.manage")
def revoke(request: HttpRequest, staff_id: UUID, session_id: UUID) -> HttpResponse:
    """End one sign-in of this person."""
    known = {each.id for each in people.list_sessions(actor_of(request), staff_id)}
    with attempt() as tried:
        if session_id not in known:
            raise NotFound
        people.revoke_session(actor_of(request), session_id)
    return _done(request, staff_id, tried, said=_("Signed out there."))


def _done(
    request: HttpRequest, staff_id: UUID, tried: Attempt, *, said: str, dialog: str = ""
) -> HttpResponse:
    if tried:
        return go(request, url("office:staff_member", staff_id), toast=said)
    return _member_page(request, staff_id, tried, dialog=dialog or "-")


def _profiles() -> list[Any]:
    from callcart.contact.routing.models import Profile

    return list(Profile.objects.filter(lent_from=None).order_by("code"))
