"""Read payloads as the ingestion does: exact numbers, through the table of formats."""

import json
from decimal import Decimal

import pytest

from usage.sources import FORMATS


@pytest.fixture
def read():
    """Return the parts of a payload as (quantities above 0, what else is said) and the flags."""

    def run(name, usage):
        text = usage if isinstance(usage, str) else json.dumps(usage)
        reading = FORMATS[name].read(json.loads(text, parse_float=Decimal))
        parts = []
        for part in reading.parts:
            said = part._asdict()
            above = {key: value for key, value in said.pop("quantities").items() if value}
            parts.append((above, {key: value for key, value in said.items() if value is not None}))
        flags = {name for name in ("bucket_mismatch", "total_mismatch") if getattr(reading, name)}
        return parts, flags

    return run
