"""Gemini's usageMetadata as documented, in REST and Python spelling; classes counted by hand."""

import pytest

from usage.sources import model_and_region

USAGE = {
    "promptTokenCount": 1000,
    "cachedContentTokenCount": 800,
    "candidatesTokenCount": 104,
    "thoughtsTokenCount": 989,
    "totalTokenCount": 2093,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 742},
        {"modality": "IMAGE", "tokenCount": 258},
    ],
    "cacheTokensDetails": [
        {"modality": "TEXT", "tokenCount": 600},
        {"modality": "IMAGE", "tokenCount": 200},
    ],
    "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 104}],
    "trafficType": "ON_DEMAND",
}
CLASSES = {
    "input_tokens": 142,
    "input_image_tokens": 58,
    "cache_read_tokens": 600,
    "cache_read_image_tokens": 200,
    "output_tokens": 1093,
    "reasoning_tokens": 989,
}


@pytest.mark.parametrize("name", ["gemini", "vertex"])
def test_documented_payload(read, name):
    assert read(name, USAGE) == ([(CLASSES, {"unit": "", "service_tier": "on_demand"})], set())


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ({"trafficType": "ON_DEMAND_PRIORITY"}, "priority"),
        ({"trafficType": "ON_DEMAND_FLEX"}, "flex"),
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, "provisioned_throughput"),
        ({"trafficType": "TRAFFIC_TYPE_UNSPECIFIED"}, None),
        ({"trafficType": None, "serviceTier": "FLEX"}, "flex"),
        ({"trafficType": None}, None),
    ],
)
def test_traffic_type_is_the_service_tier(read, said, tier):
    [(_, found)], _ = read("gemini", USAGE | said)
    assert found.get("service_tier") == tier


def test_batch_line_and_served_model(read):
    [(_, said)], _ = read("gemini.batch", USAGE | {"modelVersion": "gemini-2.5-pro"})
    assert said == {"unit": "", "service_tier": "batch", "model": "gemini-2.5-pro"}


def test_python_spelling(read):
    usage = {
        "prompt_token_count": 10,
        "candidates_token_count": 4,
        "thoughts_token_count": None,
        "total_token_count": 14,
        "prompt_tokens_details": [{"modality": "AUDIO", "token_count": 7}],
    }
    classes = {"input_tokens": 3, "input_audio_tokens": 7, "output_tokens": 4}
    assert read("gemini", usage) == ([(classes, {"unit": ""})], set())


def test_tool_results_are_input_and_modalities_have_their_classes(read):
    usage = {
        "promptTokenCount": 500,
        "cachedContentTokenCount": 90,
        "toolUsePromptTokenCount": 40,
        "candidatesTokenCount": 60,
        "totalTokenCount": 600,
        "promptTokensDetails": [
            {"modality": "DOCUMENT", "tokenCount": 100},
            {"modality": "VIDEO", "tokenCount": 200},
            {"modality": "AUDIO", "tokenCount": 150},
            {"modality": "TEXT", "tokenCount": 50},
        ],
        "cacheTokensDetails": [
            {"modality": "AUDIO", "tokenCount": 80},
            {"modality": "VIDEO", "tokenCount": 10},
        ],
        "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 40}],
        "candidatesTokensDetails": [
            {"modality": "IMAGE", "tokenCount": 30},
            {"modality": "VIDEO", "tokenCount": 20},
            {"modality": "AUDIO", "tokenCount": 4},
        ],
    }
    classes = {
        "input_tokens": 190,
        "input_video_tokens": 190,
        "input_audio_tokens": 70,
        "cache_read_tokens": 10,
        "cache_read_audio_tokens": 80,
        "output_tokens": 6,
        "output_image_tokens": 30,
        "output_video_tokens": 20,
        "output_audio_tokens": 4,
    }
    assert read("gemini", usage) == ([(classes, {"unit": ""})], set())


def test_live_api_names_the_answer_response(read):
    usage = {
        "promptTokenCount": 100,
        "responseTokenCount": 50,
        "totalTokenCount": 150,
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 50}],
    }
    classes = {"input_tokens": 100, "output_audio_tokens": 50}
    assert read("gemini", usage) == ([(classes, {"unit": ""})], set())


@pytest.mark.parametrize(
    ("changed", "flags"),
    [
        ({"totalTokenCount": 1104}, {"total_mismatch"}),
        ({"promptTokenCount": 700, "totalTokenCount": 1793}, {"bucket_mismatch"}),
        ({"cachedContentTokenCount": 700}, {"bucket_mismatch"}),
        ({"candidatesTokenCount": 100, "totalTokenCount": 2089}, {"bucket_mismatch"}),
        (
            {"cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 800}]},
            {"bucket_mismatch"},
        ),
    ],
)
def test_contradiction_is_flagged(read, changed, flags):
    assert read("gemini", USAGE | changed)[1] == flags


LOCATION = "projects/p-1/locations/europe-west4"


@pytest.mark.parametrize(
    ("name", "model", "region"),
    [
        ("gemini-2.5-pro", "gemini-2.5-pro", None),
        ("models/gemini-2.5-pro", "gemini-2.5-pro", None),
        ("publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro", None),
        (f"{LOCATION}/publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro", "europe-west4"),
        (f"{LOCATION}/endpoints/42", f"{LOCATION}/endpoints/42", None),
    ],
)
def test_resource_name_is_a_model_and_a_location(name, model, region):
    assert model_and_region("google", name) == (model, region)
