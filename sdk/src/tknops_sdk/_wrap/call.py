"""One call of a provider's client, from its start to its outcome; recorded once."""

from __future__ import annotations

import contextvars
from typing import Any, Optional

from tknops_sdk._attribution import Frame, current
from tknops_sdk._clean import usage as cleaned
from tknops_sdk._client import CLIENT

OK, ERROR, CANCELLED, RETRIED = "ok", "error", "cancelled", "retried"
ONCE = "once"
# Set while a wrapped client works: what it calls beneath is the same call.
INSIDE: contextvars.ContextVar[bool] = contextvars.ContextVar("tknops_sdk_inside", default=False)
_REMEMBERED = 4096
# Shorter ids are not unique: some servers repeat them.
_UNIQUE = 20
_told: dict[str, str] = {}


class Call:
    """What is known of a call so far; readers fill in what the provider states."""

    __slots__ = (
        "at", "frame", "identity", "is_done", "is_pending", "model", "operation", "provider",
        "response_id", "said", "teller", "usage", "usage_format",
    )  # fmt: skip

    def __init__(
        self,
        provider: str,
        model: Any,
        operation: str,
        usage_format: Optional[str] = None,
        *,
        teller: str = "client",
    ) -> None:
        """Begin under the attribution that holds now: a stream may be read elsewhere."""
        self.teller = teller
        self.provider, self.model, self.operation = provider, model, operation
        self.usage_format = usage_format
        self.frame: Optional[Frame] = current()
        self.usage: Any = None
        # What stands beside the usage in an answer and sets its price.
        self.said: dict[str, Any] = {}
        self.response_id: Optional[str] = None
        # An id and an instant of the provider's, where an answer may be read again.
        self.identity: Optional[str] = None
        self.at: Any = None
        self.is_pending = self.is_done = False

    def fail(self, error: BaseException) -> None:
        """Record a call that raised; what ends a task or the process is a cancellation."""
        self.finish(ERROR if isinstance(error, Exception) else CANCELLED)

    def finish(self, outcome: str) -> None:
        """Record once; nothing raises, and an answer that is still being worked on waits."""
        if self.is_done:
            return
        self.is_done = True
        try:
            if not self.is_pending and not self._is_told():
                self._record(outcome)
        except Exception:
            CLIENT.not_taken.add("failed")
            CLIENT.troubles.note("wrapper", "a call could not be recorded")

    def _is_told(self) -> bool:
        """Tell whether this answer was recorded already, by a framework or read before."""
        if self.identity is not None:
            return is_told(self.identity, ONCE)
        return isinstance(self.response_id, str) and is_told(self.response_id, self.teller)

    def _record(self, outcome: str) -> None:
        usage = cleaned(self.usage) if self.usage is not None else None
        if usage is not None and self.said:
            usage.update(cleaned(self.said) or {})
        more = {}
        if self.identity is not None:
            more = {"id": self.identity, "time": self.at}
        call = (
            self.provider, self.model or "unknown", self.usage_format if usage else None,
            self.operation, outcome, None, None,
        )  # fmt: skip
        CLIENT.record(call, usage, more, self.frame)


def is_told(name: str, teller: str) -> bool:
    """Tell whether another teller recorded a provider's answer already; remember it otherwise.

    A client and a framework above it may both report a call: the first one counts. What the same
    teller says again is another call, unless it is said `ONCE`.
    """
    if len(name) < _UNIQUE and teller != ONCE:
        return False
    before = _told.get(name)
    if before is not None and (before != teller or teller == ONCE):
        CLIENT.told_twice.add("response")
        return True
    _told[name] = teller
    if len(_told) > _REMEMBERED:
        try:
            del _told[next(iter(_told))]
        except (KeyError, RuntimeError, StopIteration):  # another thread was faster
            pass
    return False


def get(item: Any, name: str) -> Any:
    """Return a field of an answer, which is an object or, read raw, a mapping."""
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


def is_coroutine_function(function: Any) -> bool:
    """Tell whether a function is asynchronous; decorated ones are looked through."""
    import inspect

    return inspect.iscoroutinefunction(inspect.unwrap(function))
