"""Whose a call is, where the span that knows it is not the one that is counted."""

from usage.ingest.event import Event
from usage.wires.names import WHO


def adopt(inner: Event, outer: Event) -> None:
    """Take over what the outer telling of a call says of whose it is, where the inner is silent.

    An application names its customer where it calls; what stands nearer to the provider knows the
    tokens better but often no customer.
    """
    for name in (*WHO, "environment"):
        if getattr(inner, name) is None:
            setattr(inner, name, getattr(outer, name))
    if outer.tags:
        inner.tags = {**outer.tags, **(inner.tags or {})}
