"""Bedrock Converse's usage in both spellings, and the model ids that name a geography."""

import pytest

from usage.sources import model_and_region

USAGE = {
    "inputTokens": 18,
    "outputTokens": 386,
    "totalTokens": 7906,
    "cacheReadInputTokens": 0,
    "cacheWriteInputTokens": 7502,
}
CLASSES = {"input_tokens": 18, "cache_write_tokens": 7502, "output_tokens": 386}


@pytest.mark.parametrize(
    ("usage", "classes", "said"),
    [
        (USAGE, CLASSES, {"unit": ""}),
        (USAGE | {"cacheDetails": [{"ttl": "5m", "inputTokens": 7502}]}, CLASSES, {"unit": ""}),
        (
            USAGE
            | {
                "cacheDetails": [
                    {"ttl": "5m", "inputTokens": 7000},
                    {"ttl": "1h", "inputTokens": 502},
                ]
            },
            {**CLASSES, "cache_write_tokens": 7000, "cache_write_1h_tokens": 502},
            {"unit": ""},
        ),
        (
            {
                "inputTokens": 5,
                "outputTokens": 7,
                "totalTokens": 32,
                "cacheReadInputTokenCount": 20,
                "cacheWriteInputTokenCount": 0,
                "serviceTier": {"type": "flex"},
            },
            {"input_tokens": 5, "cache_read_tokens": 20, "output_tokens": 7},
            {"unit": "", "service_tier": "flex"},
        ),
        (
            USAGE | {"serviceTier": "reserved"},
            CLASSES,
            {"unit": "", "service_tier": "reserved"},
        ),
        (
            USAGE | {"performanceConfig": {"latency": "optimized"}},
            CLASSES,
            {"unit": "", "service_tier": "latency-optimized"},
        ),
    ],
)
def test_documented_payload(read, usage, classes, said):
    assert read("bedrock", usage) == ([(classes, said)], set())


@pytest.mark.parametrize(
    ("changed", "flags"),
    [
        ({"totalTokens": 404}, {"total_mismatch"}),
        ({"cacheDetails": [{"ttl": "1h", "inputTokens": 1}]}, {"bucket_mismatch"}),
    ],
)
def test_contradiction_is_flagged(read, changed, flags):
    assert read("bedrock", USAGE | changed)[1] == flags


SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:us-east-1"


@pytest.mark.parametrize(
    ("name", "model", "region"),
    [
        (SONNET, SONNET, None),
        (f"us.{SONNET}", SONNET, "us"),
        (f"us-gov.{SONNET}", SONNET, "us-gov"),
        (f"eu.{SONNET}", SONNET, "eu"),
        (f"apac.{SONNET}", SONNET, "apac"),
        (f"global.{SONNET}", SONNET, "global"),
        (f"{ARN}:123456789012:inference-profile/global.{SONNET}", SONNET, "global"),
        (f"{ARN}::foundation-model/amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0", "us-east-1"),
        ("anthropic.claude-3-sonnet-20240229-v1:0:200k", "anthropic.claude-3-sonnet-20240229-v1:0",
         None),
        ("qwen.qwen3-32b-v1:0", "qwen.qwen3-32b-v1:0", None),
        ("openai.gpt-oss-20b-1:0", "openai.gpt-oss-20b-1:0", None),
    ],
)  # fmt: skip
def test_model_and_region(name, model, region):
    assert model_and_region("aws", name) == (model, region)


def test_arn_of_a_resource_is_kept_as_sent():
    name = f"{ARN}:123456789012:application-inference-profile/a1b2c3"
    assert model_and_region("aws", name) == (name, None)
