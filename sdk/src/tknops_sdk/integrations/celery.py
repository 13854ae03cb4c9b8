"""Celery: `connect()` once, where the application is made, carries attribution into tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

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
    tasks = _Tasks(attribution)
    for signal, receiver in (
        (signals.before_task_publish, tasks.publishing),
        (signals.task_prerun, tasks.beginning),
        (signals.task_postrun, tasks.ending),
        (signals.worker_process_shutdown, tasks.leaving),
        (signals.worker_shutdown, tasks.leaving),
    ):
        signal.connect(receiver, weak=False)


class _Tasks:
    """Receivers of Celery's signals."""

    def __init__(self, attribution: Optional[Attribution]) -> None:
        self._attribution = attribution
        self._running: dict[str, attribute] = {}

    @guarded
    def publishing(self, headers: Any = None, **_: Any) -> None:
        """Send the attribution along."""
        frame = current()
        if frame is not None and isinstance(headers, dict):
            headers[_HEADER] = dict(frame.fields)

    @guarded
    def beginning(self, task_id: str, task: Any, args: Any, kwargs: Any, **_: Any) -> None:
        """Let it hold."""
        sent = task.request.get(_HEADER) or (task.request.headers or {}).get(_HEADER) or {}
        fields = dict(sent) if isinstance(sent, Mapping) else {}
        if self._attribution is not None:
            try:
                fields.update(self._attribution(task, args, kwargs) or {})
            except Exception:
                CLIENT.troubles.note("middleware", "the attribution of a task could not be read")
        self._running[task_id] = attribute(**fields).__enter__()

    @guarded
    def ending(self, task_id: str, **_: Any) -> None:
        """Let it end."""
        holds = self._running.pop(task_id, None)
        if holds is not None:
            holds.__exit__(None, None, None)

    @guarded
    def leaving(self, **_: Any) -> None:
        """Flush: the process ends."""
        flush(CLIENT.settings.exit_timeout)


__all__ = ["connect"]
