"""Lines of a batch's output: the body's own format, at the price of the tier `batch`."""

from dataclasses import replace

from usage.sources.adapter import Adapter, Json, Reading


def in_batch(adapter: Adapter) -> Adapter:
    """Return the adapter for usage inside a batch: no body of a batch tells that it is one.

    What is billed by use, whatever the tier, stays so.
    """

    def read(usage: Json) -> Reading:
        reading = adapter.read(usage)
        parts = [
            part if part.service_tier == "" else part._replace(service_tier="batch")
            for part in reading.parts
        ]
        return reading._replace(parts=parts)

    return replace(adapter, read=read)
