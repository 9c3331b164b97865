"""Background work, in the database: a job is written in the transaction that wants it, and runs after its commit.

Every job runs in a transaction of its tenant and must be able to run twice: a worker that dies leaves its job to
another one. The worker polls; a commit that notifies would queue behind every other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import structlog
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from callcart.core import tenancy
from callcart.core.database import raw

Job = TypeVar("Job", bound=Callable[..., None])
log = structlog.get_logger(__name__)

POLL_SECONDS = 0.2
STALLED_AFTER_SECONDS = 30


def job(*, queue: str = "default", retry: int = 5, atomic: bool = True) -> Callable[[Job], Job]:
    """Make a function a job: keyword arguments of plain JSON values only. It is tried `retry` times more after a
    failure, waiting 2, 4, 8 … seconds. `atomic=False`: it calls a provider and opens its own transactions."""

    def register(function: Job) -> Job:
        name = f"{function.__module__}.{function.__qualname__}"

        def run(*, tenant_id: int, **arguments: Any) -> None:
            scope = tenancy.tenant_transaction if atomic else tenancy.tenant_session
            with scope(tenant_id):
                function(**arguments)

        run.__name__ = function.__name__
        strategy = RetryStrategy(max_attempts=retry, exponential_wait=2) if retry else False
        function.callcart_task = app.task(name=name, queue=queue, retry=strategy)(run)  # type: ignore[attr-defined]
        return function

    return register


def defer(function: Callable[..., None], /, **arguments: Any) -> None:
    """Write a job in the transaction in hand, for the current tenant."""
    function.callcart_task.defer(tenant_id=tenancy.current_tenant(), **arguments)  # type: ignore[attr-defined]


def defer_many(function: Callable[..., None], /, each: Sequence[Mapping[str, Any]]) -> None:
    """Write a job for each of many sets of arguments in one statement, in the transaction in hand."""
    if each:
        tenant_id = tenancy.current_tenant()
        function.callcart_task.batch_defer(  # type: ignore[attr-defined]
            *({"tenant_id": tenant_id, **arguments} for arguments in each)
        )


def defer_in(seconds: int, function: Callable[..., None], /, **arguments: Any) -> None:
    """Write a job that runs no earlier than `seconds` from now."""
    raw.run(
        "SELECT core_defer_in(%s, %s, %s, %s, %s::jsonb)",
        (tenancy.current_tenant(), seconds, *queue_and_name(function), json.dumps(arguments)),
    )


def queue_and_name(function: Callable[..., None]) -> tuple[str, str]:
    """What `core_defer_in` needs of a job that a database function writes."""
    task = function.callcart_task  # type: ignore[attr-defined]
    return task.queue, task.name


def periodic(*, cron: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Run a function at these times (UTC), by one worker of all. It acts for no tenant and opens its own connections; a
    run that is missed is not made up for."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        name = f"{function.__module__}.{function.__qualname__}"

        def run(timestamp: int) -> None:
            function()

        run.__name__ = function.__name__
        app.periodic(cron=cron)(app.task(name=name, queue="system", queueing_lock=name)(run))
        return function

    return register


@app.periodic(cron="* * * * *")
@app.task(
    name="callcart.core.jobs.retry_stalled", queue="system", queueing_lock="retry_stalled", pass_context=True
)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give jobs of dead workers back to living ones."""
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        log.warning("job.stalled", job=stalled.id, task=stalled.task_name)
        await app.job_manager.retry_job(stalled)


def run_worker(*, concurrency: int = 4, wait: bool = True) -> None:
    """Work through jobs until told to stop (`wait`), or until none is left."""
    asyncio.run(_work(concurrency=concurrency, wait=wait))


async def _work(*, concurrency: int, wait: bool) -> None:
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        await worker_app.run_worker_async(
            concurrency=concurrency,
            wait=wait,
            listen_notify=False,
            fetch_job_polling_interval=POLL_SECONDS,
            delete_jobs="successful",
        )
