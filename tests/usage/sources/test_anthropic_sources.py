"""Anthropic's usage objects as its API documents them; expected classes counted by hand."""

import pytest

USAGE = {
    "input_tokens": 5,
    "cache_creation_input_tokens": 1253,
    "cache_read_input_tokens": 128955,
    "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 253},
    "output_tokens": 550,
    "output_tokens_details": {"thinking_tokens": 310},
    "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 2},
    "service_tier": "standard",
    "inference_geo": "us",
}
CLASSES = {
    "input_tokens": 5,
    "cache_read_tokens": 128955,
    "cache_write_tokens": 1000,
    "cache_write_1h_tokens": 253,
    "output_tokens": 550,
    "reasoning_tokens": 310,
}
SAID = {"unit": "", "service_tier": "standard", "region": "us"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, SAID),
        ({"service_tier": "batch"}, SAID | {"service_tier": "batch"}),
        ({"service_tier": "priority"}, SAID | {"service_tier": "priority"}),
        ({"speed": "standard"}, SAID),
        ({"speed": "fast"}, SAID | {"service_tier": "fast"}),
        ({"speed": "fast", "service_tier": None}, SAID | {"service_tier": "fast"}),
        (
            {"speed": "fast", "service_tier": "priority"},
            SAID | {"service_tier": "priority-fast"},
        ),
        ({"inference_geo": "global"}, SAID | {"region": ""}),
        ({"inference_geo": "not_available"}, SAID | {"region": ""}),
        ({"inference_geo": None}, {"unit": "", "service_tier": "standard"}),
    ],
)
def test_tier_speed_and_geography(read, changed, said):
    assert read("anthropic", USAGE | changed) == ([(CLASSES, said)], set())


def test_batch_line_has_the_tier_of_the_batch(read):
    [(classes, said)], _ = read("anthropic.batch", USAGE)
    assert (classes, said) == (CLASSES, SAID | {"service_tier": "batch"})


def test_writes_without_a_split_are_of_five_minutes(read):
    usage = {"input_tokens": 1, "cache_creation_input_tokens": 9, "output_tokens": 2}
    classes = {"input_tokens": 1, "cache_write_tokens": 9, "output_tokens": 2}
    assert read("anthropic", usage) == ([(classes, {"unit": ""})], set())


def test_searches_are_a_part_of_their_own_at_no_tier(read):
    usage = USAGE | {"server_tool_use": {"web_search_requests": 3}, "service_tier": "batch"}
    parts, flags = read("anthropic", usage)
    assert (parts[1:], flags) == (
        [({"units": 3_000_000}, {"unit": "search", "service_tier": "", "region": "us"})],
        set(),
    )


def test_iterations_are_priced_each_on_its_own_model(read):
    """The fields beside the iterations leave out the advisor, the compaction and later input."""
    usage = {
        "input_tokens": 412,
        "cache_read_input_tokens": 0,
        "output_tokens": 531,
        "output_tokens_details": {"thinking_tokens": 100},
        "iterations": [
            {"type": "compaction", "input_tokens": 9000, "output_tokens": 700},
            {"type": "message", "input_tokens": 412, "output_tokens": 89},
            {
                "type": "advisor_message",
                "model": "claude-opus-4-8",
                "input_tokens": 823,
                "cache_creation_input_tokens": 20,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 0,
                    "ephemeral_1h_input_tokens": 20,
                },
                "output_tokens": 1612,
            },
            {
                "type": "message",
                "input_tokens": 1348,
                "cache_read_input_tokens": 412,
                "output_tokens": 442,
            },
        ],
    }
    parts, flags = read("anthropic", usage)
    assert flags == set()
    assert [(said.get("model"), classes) for classes, said in parts] == [
        (None, {"input_tokens": 9000, "output_tokens": 700, "reasoning_tokens": 100}),
        (None, {"input_tokens": 412, "output_tokens": 89}),
        (
            "claude-opus-4-8",
            {"input_tokens": 823, "cache_write_1h_tokens": 20, "output_tokens": 1612},
        ),
        (None, {"input_tokens": 1348, "cache_read_tokens": 412, "output_tokens": 442}),
    ]


@pytest.mark.parametrize(
    ("changed", "flags"),
    [
        ({"cache_creation_input_tokens": 1254}, {"bucket_mismatch"}),
        ({"output_tokens": 309}, {"bucket_mismatch"}),
        (
            {"iterations": [{"type": "message", "input_tokens": 5, "output_tokens": 540}]},
            {"total_mismatch"},
        ),
    ],
)
def test_contradiction_is_flagged(read, changed, flags):
    assert read("anthropic", USAGE | changed)[1] == flags
