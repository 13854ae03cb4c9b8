"""The client of this process: `init`, `record`, `flush`, `close`, `stats`. Nothing here raises."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping
from typing import Any, Callable, Optional, TypeVar, cast

from tknops_sdk import _event
from tknops_sdk._attribution import NOBODY, Frame, current
from tknops_sdk._counting import Counts
from tknops_sdk._delivery import Delivery, Threads, load
from tknops_sdk._lifecycle import Lifecycle
from tknops_sdk._settings import Settings, read_settings
from tknops_sdk._troubles import Troubles

Function = TypeVar("Function", bound=Callable[..., Any])


class Client:
    """Settings and delivery of this process, once `init` was called or the environment suffices."""

    def __init__(self) -> None:
        """Begin without a server: what is recorded now is counted as dropped."""
        self.settings = Settings()
        self.troubles = Troubles()
        self.delivery: Optional[Delivery] = None
        self.threads: Optional[Threads] = None
        self.not_taken = Counts()
        self.told_twice = Counts()
        self._nobody = Frame(NOBODY, None)
        self._lifecycle: Optional[Lifecycle] = None
        self._is_closed = False
        self._asked_environment = False

    def begin(self, said: Mapping[str, Any]) -> None:
        """Take settings and make ready; an earlier server's events are brought to disk first."""
        settings, bad = read_settings(said, os.environ)
        for name in bad:
            self.troubles.note(
                "setting", f"the setting {name} cannot be read and keeps its default"
            )
        self._asked_environment = True
        if self.threads is not None:
            self.threads.close(settings.exit_timeout)
        self.settings, self._is_closed = settings, False
        self._nobody = Frame(NOBODY, None)
        if self._lifecycle is None:
            self._lifecycle = Lifecycle(end=self.end, forked=self._after_fork)
        if settings.sigterm:
            self._lifecycle.handle_sigterm()
        if not settings.enabled:
            self.delivery = self.threads = None
            return
        load()
        self.make()
        if not settings.is_complete:
            text = "no address or API key is set: nothing is sent (TKNOPS_URL, TKNOPS_API_KEY)"
            self.troubles.note("not_configured", text)
            self.troubles.tell()
        elif self.delivery is not None and self.threads is not None and self.delivery.has_heirlooms:
            self.threads.start()

    def make(self, **instead: Any) -> None:
        """Make a delivery; tests and drills pass what stands in for clock and server."""
        self.delivery = self.threads = None
        if self.settings.enabled and self.settings.is_complete:
            self.delivery = Delivery(self.settings, self.troubles, **instead)
            self.threads = Threads(self.delivery)

    def record(
        self,
        said_of_call: tuple[Any, ...],
        usage: Any,
        more: Mapping[str, Any],
        frame: Optional[Frame] = None,
    ) -> str:
        """Encode an event and put it into the queue. Raises what the host passed makes raise.

        `frame` is the attribution it was called under, if that is not the one that holds now.
        """
        delivery = self.delivery
        if delivery is None or self._is_closed:
            return self._refuse()
        queue = delivery.store.queue
        identity = delivery.ledger.identity
        event = _event.encode(
            identity, frame or current() or self._nobody, environment=self.settings.environment,
            said_of_call=said_of_call, usage=usage, more=more,
        )  # fmt: skip
        delivery.ledger.created.add()
        waiting = len(queue)
        if waiting >= self.settings.max_queue:
            delivery.ledger.dropped.add(delivery.store.refusal)
        else:
            queue.append(event)
        if not waiting:
            threads = self.threads
            if threads is not None:
                if not threads.started:
                    threads.start()
                threads.gate.open()
        return event[7:43].decode("ascii", "replace").split('"', 1)[0]

    def _refuse(self) -> str:
        if self._is_closed:
            self.not_taken.add("after_close")
        elif not self.settings.enabled:
            self.not_taken.add("disabled")
        elif not self._asked_environment and os.environ.get("TKNOPS_URL"):
            self.begin({})
            self.not_taken.add("before_init")
        else:
            self.not_taken.add("not_configured")
        return ""

    def end(self) -> None:
        """Flush and bring the rest to disk, within the exit's time."""
        self.close(self.settings.exit_timeout)

    def close(self, timeout: float) -> bool:
        """Flush and end; what is recorded afterwards is counted as not taken."""
        threads, self._is_closed = self.threads, True
        if threads is None:
            self.troubles.tell()
            return True
        done = threads.close(timeout)
        self.threads = None
        return done

    def _after_fork(self) -> None:
        """Begin anew in a forked child: queue, locks, ids and threads are the parent's."""
        inherited = self.delivery
        self.troubles, self.not_taken = Troubles(), Counts()
        if inherited is None:
            return
        inherited.let_go()
        self.make()


CLIENT = Client()


def guarded(function: Function) -> Function:
    """Let nothing out of a function: a failure is counted, told once, and answered with None."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            kind = "invalid" if isinstance(error, (ValueError, TypeError)) else "failed"
            CLIENT.not_taken.add(kind)
            CLIENT.troubles.note(
                kind, f"a call of {function.__name__} was passed what it cannot use"
            )
            return None

    return cast("Function", call)


@guarded
def init(
    url: Optional[str] = None,
    api_key: Optional[str] = None,
    *,
    environment: Optional[str] = None,
    enabled: Optional[bool] = None,
    spool: Any = None,
    **more: Any,
) -> None:
    """Say where to send: once per process, as early as you like; forked children carry on.

    Each setting not passed is read from `TKNOPS_URL`, `TKNOPS_API_KEY`, `TKNOPS_ENVIRONMENT` … ;
    `more` are the other fields of the settings (README). Never raises: a setting that cannot be
    read keeps its default and is warned of once.
    """
    said = {
        "url": url, "api_key": api_key, "environment": environment, "enabled": enabled,
        "spool": spool, **more,
    }  # fmt: skip
    CLIENT.begin({name: value for name, value in said.items() if value is not None})


@guarded
def record(
    provider: Any = None,
    model: Any = None,
    usage: Any = None,
    usage_format: Optional[str] = None,
    operation: Optional[str] = None,
    outcome: Optional[str] = None,
    service_tier: Optional[str] = None,
    region: Optional[str] = None,
    **more: Any,
) -> Optional[str]:
    """Record one call; return the event's id, None or "" if it was not taken.

    `usage` is the provider's own object with its `usage_format` (docs of the server), or token
    classes by name. Only its numbers and the words that set a price are read. `more` takes
    `customer`, `feature`, `user`, `team`, `environment`, `tags` over what `attribute` says, and
    `cost` (a `Decimal`: what the provider states), `time` (a `datetime`; now), `id`, `lines`.
    Without usage a call that succeeded counts as one request, which shows up as unpriced.
    """
    call = (provider, model, usage_format, operation, outcome, service_tier, region)
    return CLIENT.record(call, usage, more)


@guarded
def flush(timeout: float = 5.0) -> bool:
    """Wait until what was recorded is settled, at most `timeout` seconds; tell whether it is.

    For serverless functions, before they freeze. Other code need not call it.
    """
    return CLIENT.threads is None or CLIENT.threads.flush(float(timeout))


@guarded
def close(timeout: float = 2.0) -> bool:
    """Flush, keep the rest on disk for the next process, and end."""
    return CLIENT.close(float(timeout))


def stats() -> dict[str, Any]:
    """Return what became of this process's events.

    created = stored + duplicate + conflict + rejected + dropped + waiting.
    """
    delivery = CLIENT.delivery
    found: dict[str, Any] = {
        "created": 0, "waiting": 0, "stored": 0, "duplicate": 0, "conflict": 0, "rejected": 0,
        "dropped": {}, "not_taken": CLIENT.not_taken.values(),
        "told_twice": CLIENT.told_twice.total(), "troubles": CLIENT.troubles.counts.values(),
    }  # fmt: skip
    if delivery is not None:
        ledger = delivery.ledger
        spool = delivery.store.spool
        found.update(
            ledger.fates, created=ledger.created.value(), waiting=delivery.waiting,
            dropped=ledger.dropped.values(), process=ledger.identity.process,
            batches=ledger.batches, retries=ledger.retries, adopted=dict(ledger.adopted),
            spooled=spool.waiting if spool else 0, spool_bytes=spool.size if spool else 0,
            last_status=ledger.last_status, last_success=ledger.last_success,
            clock_skew=ledger.clock_skew, interpreter=sys.version.split()[0],
        )  # fmt: skip
    return found
