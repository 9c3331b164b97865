"""What a person has to look after: an endpoint that no longer takes what it is sent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.engage.webhooks.models import Endpoint, EndpointState
from callcart.people.tasks import public as tasks

TASK = "webhook_stopped"

tasks.declare(
    TASK,
    label=_("A webhook was stopped"),
    sentence=_("%(name)s does not take what it is sent"),
    link="office:webhook",
    permission="webhooks.manage",
)


def stop(endpoint: Endpoint) -> None:
    """What is newer would only wait as long again: it is kept until somebody lets the endpoint go on."""
    if Endpoint.objects.filter(id=endpoint.id, state=EndpointState.ON).update(state=EndpointState.STOPPED):
        tasks.open_task(
            TASK, subject=("webhook", endpoint.id), data={"name": endpoint.name}, permission="webhooks.manage"
        )


def forget(endpoint: Endpoint) -> None:
    """The task is over."""
    tasks.close_tasks(TASK, ("webhook", endpoint.id))
