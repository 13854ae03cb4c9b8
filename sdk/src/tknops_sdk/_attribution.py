"""Whose and what for: `with attribute(customer=…)`, carried by contextvars."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar, cast

from tknops_sdk import _clean

Function = TypeVar("Function", bound=Callable[..., Any])
_NAMES = ("customer", "feature", "user", "team", "environment")
NOBODY: Mapping[str, Any] = {}


def from_metadata(metadata: Any, names: Mapping[str, Any], tags: Any = ()) -> dict[str, Any]:
    """Return the attribution that a framework's metadata names: the first name found wins.

    `names` says for each field under which keys to look, `tags` which keys become tags.
    """
    if not isinstance(metadata, Mapping):
        return {}
    found: dict[str, Any] = {}
    for field, keys in names.items():
        for key in (keys,) if isinstance(keys, str) else keys or ():
            value = metadata.get(key)
            if value is not None and value != "":
                found[field] = value
                break
    chosen = {key: metadata[key] for key in tags if metadata.get(key) is not None}
    return said({**found, "tags": chosen} if chosen else found)


# Where frameworks' metadata is looked at, if nothing else is said.
USUAL_NAMES: Mapping[str, Any] = {
    "customer": ("customer", "customer_id", "tenant", "tenant_id"),
    "feature": ("feature", "feature_id", "feature_name"),
    "user": ("user", "user_id"),
    "team": ("team", "team_id"),
    "environment": ("environment",),
}


class Frame:
    """What holds now: the fields said so far, and the frame around it."""

    __slots__ = ("fields", "outer", "written")

    def __init__(self, fields: Mapping[str, Any], outer: Optional[Frame]) -> None:
        """Keep them; neither is changed afterwards."""
        self.fields = fields
        self.outer = outer
        # The fields as JSON, once an event needed them: see _event.
        self.written: Optional[str] = None


_current: contextvars.ContextVar[Optional[Frame]] = contextvars.ContextVar(
    "tknops_sdk_attribution", default=None
)


def current() -> Optional[Frame]:
    """Return the frame that holds here."""
    return _current.get()


def said(given: Mapping[str, Any]) -> dict[str, Any]:
    """Clean the fields of an attribution; what is None is not said."""
    found: dict[str, Any] = {}
    for name in _NAMES:
        value = given.get(name)
        if value is not None:
            cleaned = _clean.text(value, 100 if name == "environment" else 200)
            if cleaned is not None:
                found[name] = cleaned
    if given.get("tags") is not None:
        found["tags"] = _clean.tags(given["tags"])
    return found


def merged(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inner fields over the outer ones; tags are joined."""
    found = {**outer, **inner}
    if "tags" in outer and "tags" in inner:
        joined = {**outer["tags"], **inner["tags"]}
        found["tags"] = dict(list(joined.items())[-32:])
    return found


def framed(fields: Mapping[str, Any]) -> Optional[Frame]:
    """Return the frame that holds here, with these fields laid over it."""
    outer = _current.get()
    if not fields:
        return outer
    return Frame(fields if outer is None else merged(outer.fields, fields), outer)


class attribute:  # noqa: N801 - reads like a statement
    """Say whose the calls inside are: a context manager and a decorator, sync and async.

    Frames nest: what the inner one does not say holds from the outer. An empty text says
    "nobody". It holds in this thread or task and in tasks started inside; for other threads and
    executors see `propagate`.
    """

    def __init__(
        self,
        *ignored: Any,
        customer: Any = None,
        feature: Any = None,
        user: Any = None,
        team: Any = None,
        environment: Any = None,
        tags: Optional[Mapping[str, Any]] = None,
        **unknown: Any,
    ) -> None:
        """Read the fields now: what is passed may change later."""
        given = {
            "customer": customer, "feature": feature, "user": user, "team": team,
            "environment": environment, "tags": tags,
        }  # fmt: skip
        try:
            self._fields: dict[str, Any] = said(given)
        except Exception:
            self._fields = {}

    def __enter__(self) -> attribute:
        """Let it hold."""
        outer = _current.get()
        fields = self._fields if outer is None else merged(outer.fields, self._fields)
        _current.set(Frame(fields, outer))
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        """Let what held before hold again; the frame knows it, so one object serves threads."""
        frame = _current.get()
        if frame is not None:
            _current.set(frame.outer)

    def __call__(self, function: Function) -> Function:
        """Decorate a function, coroutine function or generator of either kind."""
        return cast("Function", _decorated(self._fields, function))


def _decorated(fields: Mapping[str, Any], function: Callable[..., Any]) -> Callable[..., Any]:
    import inspect

    if inspect.isasyncgenfunction(function):
        return _generating_async(fields, function)
    if inspect.isgeneratorfunction(function):
        return _generating(fields, function)
    if inspect.iscoroutinefunction(function):
        return _calling_async(fields, function)
    return _calling(fields, function)


def _calling(fields: Mapping[str, Any], function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with attribute(**fields):
            return function(*args, **kwargs)

    return call


def _calling_async(fields: Mapping[str, Any], function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        with attribute(**fields):
            return await function(*args, **kwargs)

    return call


# A generator's body shares the context of who consumes it: the attribution holds only while the
# body runs, or it would leak out at each `yield`.
def _generating(fields: Mapping[str, Any], function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def generate(*args: Any, **kwargs: Any) -> Any:
        inner = function(*args, **kwargs)
        step, value = inner.send, None
        while True:
            try:
                with attribute(**fields):
                    item = step(value)
            except StopIteration as end:
                return end.value
            try:
                step, value = inner.send, (yield item)
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:  # handed to the generator, as it would be
                step, value = inner.throw, error

    return generate


def _generating_async(
    fields: Mapping[str, Any], function: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(function)
    async def generate(*args: Any, **kwargs: Any) -> Any:
        inner = function(*args, **kwargs)
        step, value = inner.asend, None
        while True:
            try:
                with attribute(**fields):
                    item = await step(value)
            except StopAsyncIteration:
                return
            try:
                step, value = inner.asend, (yield item)
            except GeneratorExit:
                await inner.aclose()
                raise
            except BaseException as error:  # handed to the generator, as it would be
                step, value = inner.athrow, error

    return generate


class _Propagated:
    """A function that runs under the attribution of where it was made; picklable if it is."""

    def __init__(self, function: Callable[..., Any], fields: Mapping[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self._function, self._fields = function, fields

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with attribute(**self._fields):
            return self._function(*args, **kwargs)

    def __reduce__(self) -> Any:
        return _Propagated, (self._function, self._fields)


def propagate(function: Function) -> Function:
    """Return `function` bound to the attribution that holds here, for a thread or an executor.

    `Thread(target=propagate(work))`, `loop.run_in_executor(None, propagate(work))`, also a
    process pool. `asyncio.to_thread` and tasks carry it by themselves.
    """
    frame = _current.get()
    return cast("Function", _Propagated(function, frame.fields if frame else NOBODY))


Executor = TypeVar("Executor", bound=Any)


def carry(executor: Executor) -> Executor:
    """Make an executor carry the attribution of each `submit` and `map` to its workers."""
    submit = executor.submit

    @functools.wraps(submit)
    def submit_bound(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return submit(propagate(function), *args, **kwargs)

    executor.submit = submit_bound
    return executor
