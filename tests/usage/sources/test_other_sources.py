"""Mistral, Cohere, Perplexity and LangChain as documented; classes counted by hand."""

import pytest

PLAIN = {"unit": ""}
CASES = [
    (
        "mistral",
        {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
        },
        [({"input_tokens": 36, "cache_read_tokens": 64, "output_tokens": 20}, PLAIN)],
    ),
    (
        "mistral",
        {
            "prompt_tokens": 128,
            "completion_tokens": 396,
            "total_tokens": 7712,
            "connector_tokens": 7188,
            "connectors": {"web_search": 2},
        },
        [
            ({"input_tokens": 7316, "output_tokens": 396}, PLAIN),
            ({"units": 2_000_000}, {"unit": "search", "service_tier": ""}),
        ],
    ),
    (
        "mistral",
        {
            "prompt_audio_seconds": 203,
            "prompt_tokens": 4,
            "completion_tokens": 635,
            "total_tokens": 3264,
        },
        [
            ({"input_tokens": 4, "output_tokens": 635}, PLAIN),
            ({"units": 203_000_000}, {"unit": "second"}),
        ],
    ),
    (
        "mistral.transcription",
        {"prompt_audio_seconds": 203, "prompt_tokens": 4, "total_tokens": 3264},
        [({"units": 203_000_000}, {"unit": "second"})],
    ),
    (
        "mistral.ocr.batch",
        {"pages_processed": 29, "doc_size_bytes": 1002},
        [({"units": 29_000_000}, {"unit": "page", "service_tier": "batch"})],
    ),
    (
        "cohere",
        '{"billed_units": {"input_tokens": 17.0, "output_tokens": 12}, "cached_tokens": 4}',
        [({"input_tokens": 13, "cache_read_tokens": 4, "output_tokens": 12}, PLAIN)],
    ),
    (
        "cohere",
        {
            "billed_units": {"input_tokens": None, "search_units": None},
            "tokens": {"input_tokens": 215, "output_tokens": 12},
        },
        [({"input_tokens": 215, "output_tokens": 12}, PLAIN)],
    ),
    (
        "cohere",
        '{"api_version": {"version": "2"}, "billed_units": {"search_units": 1.5}}',
        [({"units": 1_500_000}, {"unit": "rerank_search"})],
    ),
    (
        "cohere",
        {"billed_units": {"image_tokens": 512, "images": 2}},
        [({"input_image_tokens": 512}, PLAIN), ({"units": 2_000_000}, {"unit": "image"})],
    ),
    (
        "perplexity",
        {
            "prompt_tokens": 33,
            "completion_tokens": 7163,
            "total_tokens": 7196,
            "citation_tokens": 19,
            "num_search_queries": 2,
            "reasoning_tokens": 5,
        },
        [
            ({"input_tokens": 33, "output_tokens": 7163}, PLAIN),
            ({"units": 5_000_000}, {"unit": "reasoning_token"}),
            ({"units": 19_000_000}, {"unit": "citation_token"}),
            ({"units": 2_000_000}, {"unit": "search"}),
        ],
    ),
    (
        "perplexity",
        {
            "prompt_tokens": 8,
            "completion_tokens": 2,
            "total_tokens": 10,
            "search_context_size": "low",
        },
        [
            ({"input_tokens": 8, "output_tokens": 2}, PLAIN),
            ({"units": 1_000_000}, {"unit": "request_low"}),
        ],
    ),
    (
        "langchain",
        {
            "input_tokens": 350,
            "output_tokens": 240,
            "total_tokens": 590,
            "input_token_details": {"audio": 10, "cache_creation": 200, "cache_read": 100},
            "output_token_details": {"audio": 10, "reasoning": 200},
        },
        [
            (
                {
                    "input_tokens": 40,
                    "cache_read_tokens": 100,
                    "cache_write_tokens": 200,
                    "input_audio_tokens": 10,
                    "output_tokens": 230,
                    "output_audio_tokens": 10,
                    "reasoning_tokens": 200,
                },
                PLAIN,
            )
        ],
    ),
    # Anthropic through LangChain: the writes by time to live stand in place of their sum.
    (
        "langchain",
        {
            "input_tokens": 1300,
            "output_tokens": 20,
            "total_tokens": 1320,
            "input_token_details": {
                "cache_creation": 0,
                "cache_read": 900,
                "ephemeral_5m_input_tokens": 300,
                "ephemeral_1h_input_tokens": 90,
            },
        },
        [
            (
                {
                    "input_tokens": 10,
                    "cache_read_tokens": 900,
                    "cache_write_tokens": 300,
                    "cache_write_1h_tokens": 90,
                    "output_tokens": 20,
                },
                PLAIN,
            )
        ],
    ),
    # OpenAI's tiers through LangChain: the tier's own counts leave out cache and reasoning.
    (
        "langchain",
        {
            "input_tokens": 100,
            "output_tokens": 50,
            "total_tokens": 150,
            "input_token_details": {"priority_cache_read": 64, "priority": 36},
            "output_token_details": {"priority_reasoning": 30, "priority": 20},
        },
        [
            (
                {
                    "input_tokens": 36,
                    "cache_read_tokens": 64,
                    "output_tokens": 50,
                    "reasoning_tokens": 30,
                },
                {"unit": "", "service_tier": "priority"},
            )
        ],
    ),
    (
        "langchain",
        {
            "input_tokens": 110,
            "output_tokens": 55,
            "total_tokens": 165,
            "input_token_details": {"flex": 100, "cache_read": 4},
            "output_token_details": {"flex": 50},
        },
        [
            ({"input_tokens": 6, "cache_read_tokens": 4, "output_tokens": 5}, PLAIN),
            (
                {"input_tokens": 100, "output_tokens": 50},
                {"unit": "", "service_tier": "flex"},
            ),
        ],
    ),
    # Gemini through LangChain: the thoughts are in the total alone.
    (
        "langchain",
        {
            "input_tokens": 10,
            "output_tokens": 5,
            "total_tokens": 115,
            "output_token_details": {"reasoning": 100},
        },
        [({"input_tokens": 10, "output_tokens": 105, "reasoning_tokens": 100}, PLAIN)],
    ),
]


@pytest.mark.parametrize(("name", "usage", "parts"), CASES)
def test_documented_payload(read, name, usage, parts):
    assert read(name, usage) == (parts, set())


BUCKETS, TOTAL = {"bucket_mismatch"}, {"total_mismatch"}
CONTRADICTIONS = [
    ("mistral", {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 3}, TOTAL),
    (
        "mistral",
        {
            "prompt_tokens": 1,
            "completion_tokens": 1,
            "prompt_tokens_details": {"cached_tokens": 2},
        },
        BUCKETS,
    ),
    ("cohere", {"billed_units": {"input_tokens": 1}, "cached_tokens": 2}, BUCKETS),
    ("perplexity", {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 3}, TOTAL),
    ("langchain", {"input_tokens": 1, "output_tokens": 1, "total_tokens": 3}, TOTAL),
    (
        "langchain",
        {"input_tokens": 5, "output_tokens": 1, "input_token_details": {"cache_read": 6}},
        BUCKETS,
    ),
    (
        "langchain",
        {"input_tokens": 5, "output_tokens": 1, "output_token_details": {"reasoning": 2}},
        BUCKETS,
    ),
    (
        "langchain",
        {"input_tokens": 5, "output_tokens": 1, "input_token_details": {"flex": 6}},
        BUCKETS,
    ),
    (
        "langchain",
        {
            "input_tokens": 9,
            "output_tokens": 1,
            "input_token_details": {"cache_creation": 4, "ephemeral_1h_input_tokens": 3},
        },
        BUCKETS,
    ),
]


@pytest.mark.parametrize(("name", "usage", "flags"), CONTRADICTIONS)
def test_contradiction_is_flagged(read, name, usage, flags):
    assert read(name, usage)[1] == flags
