"""Whatever an object of its shape says, an adapter gives disjoint counts that add up."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usage.sources import FORMATS, Part
from usage.tokens import QUANTITIES, TOKENS, UNIT_NAMES

COUNT = st.none() | st.integers(0, 6)
CHAT_IN = ("cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens", "text_tokens")
CHAT_OUT = ("reasoning_tokens", "audio_tokens", "text_tokens", "rejected_prediction_tokens")
MODALITIES = ("text_tokens", "audio_tokens", "image_tokens")


def some(*names, **nested):
    """Objects with any of these counts and nested objects."""
    fields = dict.fromkeys(names, COUNT) | nested
    return st.fixed_dictionaries({}, optional=fields)


def modalities():
    modality = st.sampled_from(["TEXT", "AUDIO", "IMAGE", "VIDEO", "DOCUMENT", "SMELL"])
    return st.lists(st.fixed_dictionaries({"modality": modality, "tokenCount": COUNT}), max_size=3)


def cached():
    return some("cached_tokens", *MODALITIES, cached_tokens_details=st.none() | some(*MODALITIES))


SPLIT = some("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
CLAUDE = (
    "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens",
)  # fmt: skip
STEPS = st.lists(some(*CLAUDE, cache_creation=SPLIT), max_size=3)
# Format → what its objects look like, and what states the total: a field or the sum of some.
SHAPES = {
    "openai.chat": (
        some(
            "prompt_tokens", "completion_tokens", "prompt_cache_hit_tokens",
            prompt_tokens_details=some(*CHAT_IN), completion_tokens_details=some(*CHAT_OUT),
        ),
        ("prompt_tokens", "completion_tokens"), "total_tokens",
    ),
    "openai.responses": (
        some(
            "input_tokens", "output_tokens",
            input_tokens_details=some("cached_tokens", "cache_write_tokens"),
            output_tokens_details=some("reasoning_tokens"),
        ),
        ("input_tokens", "output_tokens"), "total_tokens",
    ),
    "openai.embeddings": (some("prompt_tokens"), ("prompt_tokens",), "total_tokens"),
    "openai.images": (
        some(
            "input_tokens", "output_tokens", input_tokens_details=cached(),
            output_tokens_details=some("image_tokens", "text_tokens"),
        ),
        ("input_tokens", "output_tokens"), "total_tokens",
    ),
    "openai.realtime": (
        some(
            "input_tokens", "output_tokens", input_token_details=cached(),
            output_token_details=some(*MODALITIES),
        ),
        ("input_tokens", "output_tokens"), "total_tokens",
    ),
    "openai.transcription": (
        some("input_tokens", "output_tokens", input_token_details=some(*MODALITIES)),
        ("input_tokens", "output_tokens"), "total_tokens",
    ),
    "anthropic": (
        some(
            *CLAUDE, cache_creation=SPLIT, output_tokens_details=some("thinking_tokens"),
            server_tool_use=some("web_search_requests"),
        ),
        CLAUDE, None,
    ),
    "gemini": (
        some(
            "promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount",
            "thoughtsTokenCount", "toolUsePromptTokenCount", promptTokensDetails=modalities(),
            cacheTokensDetails=modalities(), candidatesTokensDetails=modalities(),
            toolUsePromptTokensDetails=modalities(),
        ),
        ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount",
         "toolUsePromptTokenCount"), "totalTokenCount",
    ),
    "bedrock": (
        some(
            "inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens",
            cacheDetails=st.lists(
                st.fixed_dictionaries({"ttl": st.sampled_from(["5m", "1h"]), "inputTokens": COUNT}),
                max_size=2,
            ),
        ),
        ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"),
        "totalTokens",
    ),
    "mistral": (
        some(
            "prompt_tokens", "completion_tokens", "connector_tokens",
            prompt_tokens_details=some("cached_tokens", "audio_tokens"),
        ),
        ("prompt_tokens", "completion_tokens", "connector_tokens"), "total_tokens",
    ),
    "perplexity": (
        some("prompt_tokens", "completion_tokens", "reasoning_tokens", "num_search_queries"),
        ("prompt_tokens", "completion_tokens"), "total_tokens",
    ),
    "langchain": (
        some(
            "input_tokens", "output_tokens",
            input_token_details=some(
                "audio", "cache_read", "cache_creation", "ephemeral_1h_input_tokens",
                "ephemeral_5m_input_tokens", "flex", "flex_cache_read", "priority",
            ),
            output_token_details=some("audio", "reasoning", "flex", "flex_reasoning"),
        ),
        ("input_tokens", "output_tokens"), "total_tokens",
    ),
}  # fmt: skip


@st.composite
def payloads(draw, name):
    """An object of the shape; its total is absent, right, or anything."""
    shape, parts, total = SHAPES[name]
    usage = draw(shape)
    right = sum(usage.get(part) or 0 for part in parts)
    if total and draw(st.booleans()):
        usage[total] = draw(st.none() | st.just(right) | st.integers(0, 12))
    stated = usage.get(total)
    return usage, right if stated is None else stated


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_counts_are_disjoint_and_sum_to_the_total_unless_flagged(name, data):
    usage, total = data.draw(payloads(name))
    reading = FORMATS[name].read(usage)
    for part in reading.parts:
        assert part.quantities.keys() <= set(QUANTITIES)
        assert all(type(value) is int and value >= 0 for value in part.quantities.values())
        assert part.unit in {"", *UNIT_NAMES}
    if not (reading.bucket_mismatch or reading.total_mismatch):
        assert sum(map(_tokens, reading.parts)) == total
        assert all(
            part.quantities.get("reasoning_tokens", 0) <= part.quantities.get("output_tokens", 0)
            for part in reading.parts
        )


@settings(max_examples=150, deadline=None)
@given(usage=some(*CLAUDE), steps=STEPS)
def test_iterations_are_what_is_counted(usage, steps):
    reading = FORMATS["anthropic"].read(usage | {"iterations": steps})
    if steps and not (reading.bucket_mismatch or reading.total_mismatch):
        counted = sum(step.get(name) or 0 for step in steps for name in CLAUDE)
        assert sum(map(_tokens, reading.parts)) == counted


@settings(max_examples=100, deadline=None)
@given(
    whole=st.integers(0, 10**9),
    seconds=st.decimals(0, 10**6, places=6),
    searches=st.decimals(0, 10**6, places=6),
)
def test_decimals_are_exact(whole, seconds, searches):
    [heard] = FORMATS["openai.transcription"].read({"seconds": seconds}).parts
    assert Decimal(heard.quantities["units"]) == seconds * 10**6
    billed = {"input_tokens": Decimal(f"{whole}.0"), "search_units": searches}
    parts = FORMATS["cohere"].read({"billed_units": billed}).parts
    assert sum(map(_tokens, parts)) == whole
    assert sum(part.quantities.get("units", 0) for part in parts) == searches * 10**6


def _tokens(part: Part) -> int:
    return sum(part.quantities.get(name, 0) for name in TOKENS)
