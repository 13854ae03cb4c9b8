"""Celery: `connect()` once, where the application is made, carries attribution into tasks."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

from celery import signals

from tknops_sdk._attribution import attribute, current
from tknops_sdk._client import CLIENT, flush, guarded

_HEADER = "tknops_attribution"
Attribution = Callable[[Any, Any, Any], Mapping[str, Any]]


def connect(attribution: Optional[Attribution] = None) -> None:
    """Send the attribution that holds along with each task, and let it hold while it runs.

    `attribution(task, args, kwargs)` may say more, laid over what was sent along. Worker
    processes flush before they end.
    """
    running: dict[str, attribute] = {}

    @guarded
    def publishing(headers: Any = None, **_: Any) -> None:
        frame = current()
        if frame is not None and isinstance(headers, dict):
            headers[_HEADER] = dict(frame.fields)

    @guarded
    def beginning(task_id: str, task: Any, args: Any, kwargs: Any, **_: Any) -> None:
        sent = task.request.get(_HEADER) or (task.request.headers or {}).get(_HEADER) or {}
        fields = dict(sent) if isinstance(sent, Mapping) else {}
        if attribution is not None:
            try:
                fields.update(attribution(task, args, kwargs) or {})
            except Exception:
                CLIENT.troubles.note("middleware", "the attribution of a task could not be read")
        running[task_id] = attribute(**fields).__enter__()

    @guarded
    def ending(task_id: str, **_: Any) -> None:
        holds = running.pop(task_id, None)
        if holds is not None:
            holds.__exit__(None, None, None)

    @guarded
    def leaving(**_: Any) -> None:
        flush(CLIENT.settings.exit_timeout)

    for signal, receiver in (
        (signals.before_task_publish, publishing),
        (signals.task_prerun, beginning),
        (signals.task_postrun, ending),
        (signals.worker_process_shutdown, leaving),
        (signals.worker_shutdown, leaving),
    ):
        signal.connect(receiver, weak=False)


__all__ = ["connect"]
