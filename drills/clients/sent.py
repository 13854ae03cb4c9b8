"""What an emitter said at all, read without tknOps' tables: every number and text of a record.

A record is a span or a payload of LiteLLM; prompts and answers, which nobody may read, are left
out, so that a figure only found in an answer counts as not sent.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from drills.clients.relay import Sent

# Of LiteLLM: content, and what its own catalogue takes the model for.
_CONTENT = frozenset(
    ("messages", "response", "error_str", "error_information", "model_map_information")
)


@dataclass(frozen=True, slots=True)
class Said:
    """One record: its numbers, its texts, and whether it failed."""

    numbers: frozenset[int]
    texts: frozenset[str]
    failed: bool

    def names(self, case: str) -> bool:
        """Tell whether a text is the case or holds it in quotes, as JSON does."""
        return any(case == text or f'"{case}"' in text for text in self.texts)


def records(sent: Sequence[Sent]) -> list[Said]:
    """Read everything that was sent."""
    found: list[Said] = []
    for one in sent:
        body = gzip.decompress(one.body) if one.encoding == "gzip" else one.body
        found += _spans(body) if one.path == "/v1/traces" else _payloads(body)
    return found


def _spans(body: bytes) -> Iterator[Said]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                values = [attribute.value for attribute in span.attributes]
                yield Said(
                    frozenset(value.int_value for value in values if value.HasField("int_value")),
                    frozenset(value.string_value for value in values),
                    span.status.code == 2,
                )


def _payloads(body: bytes) -> Iterator[Said]:
    text = body.decode()
    payloads = json.loads(text) if text[:1] == "[" else map(json.loads, text.splitlines())
    for payload in payloads:
        leaves = list(_leaves(payload))
        yield Said(
            frozenset(leaf for leaf in leaves if isinstance(leaf, int)),
            frozenset(leaf for leaf in leaves if isinstance(leaf, str)),
            payload["status"] == "failure",
        )


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in _CONTENT:
                yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    else:
        yield value
