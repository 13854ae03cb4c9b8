"""Which column of a file is which field: the columns there are, and a guess by their names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from usage.ingest.scrub import readable
from usage.loading.reading import guess_format, records

_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Field:
    """A field offered for mapping, and names its column often has (letters and digits only)."""

    name: str
    label: str
    names: tuple[str, ...]
    required: bool = False


OFFERED = (
    Field("time", "Time of the call", ("timestamp", "time", "createdat", "starttime", "date",
          "datetime", "requestedat"), required=True),
    Field("provider", "Provider", ("provider", "vendor", "aiprovider", "llmprovider", "system"),
          required=True),
    Field("model", "Model", ("model", "modelname", "modelid", "aimodel", "responsemodel"),
          required=True),
    Field("customer", "Customer", ("customer", "customerid", "tenant", "tenantid", "account",
          "accountid", "organization", "organizationid", "org", "orgid", "company", "workspace")),
    Field("user", "End user", ("user", "userid", "enduser", "enduserid")),
    Field("feature", "Feature", ("feature", "product", "usecase", "operationname", "endpoint")),
    Field("team", "Team", ("team", "teamid", "department", "costcenter")),
    Field("environment", "Environment", ("environment", "env", "stage")),
    Field("id", "Id of the call", ("id", "requestid", "callid", "traceid", "eventid")),
    Field("input_tokens", "Input tokens, without cached", ("inputtokens", "prompttokens",
          "contexttokens", "tokensin", "input", "promptunits")),
    Field("cache_read_tokens", "Input tokens read from cache", ("cachereadtokens",
          "cachedtokens", "cachereadinputtokens", "inputcachedtokens")),
    Field("cache_write_tokens", "Input tokens written to cache", ("cachewritetokens",
          "cachecreationtokens", "cachecreationinputtokens")),
    Field("output_tokens", "Output tokens", ("outputtokens", "completiontokens",
          "generatedtokens", "tokensout", "output")),
    Field("reasoning_tokens", "of which reasoning", ("reasoningtokens",)),
    Field("cost.amount", "Cost as the provider states it", ("cost", "spend", "costusd",
          "totalcost")),
)  # fmt: skip

# Columns that only one gateway's export has.
_MARKS = {
    "otlp": {"resourceSpans"},
    "openai-batch": {"custom_id", "response"},
    "litellm": {"request_id", "spend", "startTime"},
    "portkey": {"ai_model", "req_units"},
    "langfuse": {"usageDetails"},
    "helicone": {"request_created_at"},
}


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of a file, its first rows as texts, and the format it looks like."""

    names: list[str]
    sample: list[dict[str, str]]
    file_format: str

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the sample in the order of the columns."""
        return [[row.get(name, "") for name in self.names] for row in self.sample]


def head(path: Path) -> Head:
    """Read the first rows of a file. Raises FileError."""
    rows = [_cells(record.content) for record in islice(records(path), _SAMPLE)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Head(names, rows, _format(names, path))


def suggest(names: Iterable[str]) -> dict[str, str]:
    """Return field → column where a column's name says what it is; each column at most once."""
    plain = {_plain(name): name for name in names}
    found: dict[str, str] = {}
    for field in OFFERED:
        column = next((plain[name] for name in field.names if name in plain), None)
        if column is not None and column not in found.values():
            found[field.name] = column
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _cells(content: bytes | Mapping[str, Any]) -> dict[str, str]:
    row = readable(content) if isinstance(content, bytes) else content
    if not isinstance(row, Mapping):
        return {}
    return {str(name): "" if value is None else str(value) for name, value in row.items() if name}


def _format(names: list[str], path: Path) -> str:
    there = set(names)
    found = next((name for name, marks in _MARKS.items() if marks <= there), None)
    return found or guess_format(path.name)
