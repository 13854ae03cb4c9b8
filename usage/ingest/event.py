"""The native event as msgspec structs: the allow-list of what is ever read."""

from typing import Annotated

import msgspec

from usage.tokens import MAX_QUANTITY

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_QUANTITY)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Short = Annotated[str, msgspec.Meta(max_length=50)]


class Usage(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Disjoint canonical quantities; `units` counts `unit`s and may have decimals."""

    input_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_write_tokens: Count = 0
    cache_write_1h_tokens: Count = 0
    output_tokens: Count = 0
    input_audio_tokens: Count = 0
    output_audio_tokens: Count = 0
    input_image_tokens: Count = 0
    output_image_tokens: Count = 0
    input_video_tokens: Count = 0
    output_video_tokens: Count = 0
    cache_read_audio_tokens: Count = 0
    cache_read_image_tokens: Count = 0
    reasoning_tokens: Count = 0
    units: msgspec.Raw = msgspec.Raw()
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    total_tokens: Count | None = None


class Cost(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What the provider states; the amount a decimal text or a JSON number, never a float."""

    amount: msgspec.Raw
    currency: str = "USD"


class Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One priced part of a call with several."""

    provider: Annotated[str, msgspec.Meta(max_length=100)]
    model: Text
    usage: msgspec.Raw
    usage_format: str | None = None
    service_tier: Short | None = None
    region: Short | None = None
    cost: Cost | None = None


class Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A call as sent; `lines` stands in place of provider, model and usage."""

    id: Annotated[str, msgspec.Meta(max_length=200)]
    time: Annotated[str, msgspec.Meta(max_length=40)]
    provider: Annotated[str, msgspec.Meta(max_length=100)] = ""
    model: Text = ""
    usage: msgspec.Raw = msgspec.Raw()
    usage_format: str | None = None
    customer: Text | None = None
    user: Text | None = None
    feature: Text | None = None
    team: Text | None = None
    environment: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    service_tier: Short | None = None
    region: Short | None = None
    operation: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    outcome: Short | None = None
    tags: dict[str, str] | None = None
    cost: Cost | None = None
    lines: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=100)] | None = None


FIELDS = frozenset(Event.__struct_fields__)
# Names whose values may be content or secrets: dropped unread, and the key's owner is told.
CONTENT = frozenset(
    (
        "prompt", "prompts", "messages", "input", "output", "completion", "content", "api_key",
        "authorization", "response", "request", "text", "headers", "arguments", "result",
    )
)  # fmt: skip
