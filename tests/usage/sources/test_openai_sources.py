"""OpenAI's usage objects as its API documents them; the expected classes are counted by hand."""

import pytest

PLAIN = {"unit": ""}
CHAT = {
    "prompt_tokens": 1200,
    "completion_tokens": 300,
    "total_tokens": 1500,
    "prompt_tokens_details": {
        "cached_tokens": 1024,
        "cache_write_tokens": 100,
        "audio_tokens": 0,
        "text_tokens": 1200,
    },
    "completion_tokens_details": {
        "reasoning_tokens": 128,
        "audio_tokens": 0,
        "text_tokens": 172,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 20,
    },
}
CHAT_CLASSES = {
    "input_tokens": 76,
    "cache_read_tokens": 1024,
    "cache_write_tokens": 100,
    "output_tokens": 300,
    "reasoning_tokens": 128,
}
RESPONSES = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 50},
    "output_tokens": 500,
    "output_tokens_details": {"reasoning_tokens": 320},
    "total_tokens": 1500,
}
RESPONSES_CLASSES = {
    "input_tokens": 550,
    "cache_read_tokens": 400,
    "cache_write_tokens": 50,
    "output_tokens": 500,
    "reasoning_tokens": 320,
}
AUDIO_CHAT = {
    "prompt_tokens": 100,
    "completion_tokens": 80,
    "total_tokens": 180,
    "prompt_tokens_details": {"audio_tokens": 60, "image_tokens": 10, "cached_tokens": 0},
    "completion_tokens_details": {"audio_tokens": 50, "reasoning_tokens": 0},
}
IMAGES = {
    "input_tokens": 250,
    "input_tokens_details": {"image_tokens": 200, "text_tokens": 50},
    "output_tokens": 1056,
    "total_tokens": 1306,
}
REALTIME = {
    "input_tokens": 1000,
    "output_tokens": 300,
    "total_tokens": 1300,
    "input_token_details": {
        "text_tokens": 400,
        "audio_tokens": 500,
        "image_tokens": 100,
        "cached_tokens": 640,
        "cached_tokens_details": {"text_tokens": 256, "audio_tokens": 320, "image_tokens": 64},
    },
    "output_token_details": {"text_tokens": 60, "audio_tokens": 240},
}

CASES = [
    ("openai.chat", CHAT, CHAT_CLASSES, PLAIN),
    ("azure.openai", CHAT, CHAT_CLASSES, PLAIN),
    (
        "openai.chat",
        CHAT | {"service_tier": "Priority"},
        CHAT_CLASSES,
        {"unit": "", "service_tier": "priority"},
    ),
    (
        "openai.chat.batch",
        CHAT | {"service_tier": "default"},
        CHAT_CLASSES,
        {"unit": "", "service_tier": "batch"},
    ),
    (
        "openai.chat",
        AUDIO_CHAT,
        {
            "input_tokens": 30,
            "input_audio_tokens": 60,
            "input_image_tokens": 10,
            "output_tokens": 30,
            "output_audio_tokens": 50,
        },
        PLAIN,
    ),
    ("openai.chat", {"prompt_tokens": 8, "completion_tokens": None}, {"input_tokens": 8}, PLAIN),
    # x-ai counts reasoning beside the completion: 32 + 9 + 227 = 268.
    (
        "openai.chat",
        {
            "prompt_tokens": 32,
            "completion_tokens": 9,
            "total_tokens": 268,
            "completion_tokens_details": {"reasoning_tokens": 227},
        },
        {"input_tokens": 32, "output_tokens": 236, "reasoning_tokens": 227},
        PLAIN,
    ),
    # deepseek names the cache beside the prompt.
    (
        "openai.chat",
        {
            "prompt_tokens": 50,
            "completion_tokens": 5,
            "total_tokens": 55,
            "prompt_cache_hit_tokens": 40,
            "prompt_cache_miss_tokens": 10,
        },
        {"input_tokens": 10, "cache_read_tokens": 40, "output_tokens": 5},
        PLAIN,
    ),
    ("openai.responses", RESPONSES, RESPONSES_CLASSES, PLAIN),
    (
        "openai.responses",
        RESPONSES | {"service_tier": "flex"},
        RESPONSES_CLASSES,
        {"unit": "", "service_tier": "flex"},
    ),
    ("openai.responses.batch", RESPONSES, RESPONSES_CLASSES, {"unit": "", "service_tier": "batch"}),
    ("openai.embeddings", {"prompt_tokens": 8, "total_tokens": 8}, {"input_tokens": 8}, PLAIN),
    (
        "openai.embeddings.batch",
        {"prompt_tokens": 8, "total_tokens": 8},
        {"input_tokens": 8},
        {"unit": "", "service_tier": "batch"},
    ),
    (
        "openai.images",
        IMAGES,
        {"input_tokens": 50, "input_image_tokens": 200, "output_image_tokens": 1056},
        PLAIN,
    ),
    (
        "openai.images",
        IMAGES | {"output_tokens_details": {"image_tokens": 1000, "text_tokens": 56}},
        {
            "input_tokens": 50,
            "input_image_tokens": 200,
            "output_tokens": 56,
            "output_image_tokens": 1000,
        },
        PLAIN,
    ),
    (
        "openai.transcription",
        {
            "type": "tokens",
            "input_tokens": 14,
            "input_token_details": {"text_tokens": 4, "audio_tokens": 10},
            "output_tokens": 101,
            "total_tokens": 115,
        },
        {"input_tokens": 4, "input_audio_tokens": 10, "output_tokens": 101},
        PLAIN,
    ),
    (
        "openai.transcription",
        '{"type": "duration", "seconds": 12.3}',
        {"units": 12_300_000},
        {"unit": "second"},
    ),
    (
        "openai.transcription",
        {"seconds": None, "input_tokens": 3, "output_tokens": 1, "total_tokens": None},
        {"input_tokens": 3, "output_tokens": 1},
        PLAIN,
    ),
    (
        "openai.realtime",
        REALTIME,
        {
            "input_tokens": 144,
            "input_audio_tokens": 180,
            "input_image_tokens": 36,
            "cache_read_tokens": 256,
            "cache_read_audio_tokens": 320,
            "cache_read_image_tokens": 64,
            "output_tokens": 60,
            "output_audio_tokens": 240,
        },
        PLAIN,
    ),
]


@pytest.mark.parametrize(("name", "usage", "classes", "said"), CASES)
def test_documented_payload(read, name, usage, classes, said):
    assert read(name, usage) == ([(classes, said)], set())


BUCKETS, TOTAL = {"bucket_mismatch"}, {"total_mismatch"}
CONTRADICTIONS = [
    ("openai.chat", CHAT | {"total_tokens": 1501}, TOTAL),
    ("openai.chat", CHAT | {"prompt_tokens": 1000, "total_tokens": 1300}, BUCKETS),
    (
        "openai.chat",
        CHAT | {"completion_tokens": 100, "total_tokens": 1300},
        BUCKETS,
    ),
    ("openai.responses", RESPONSES | {"total_tokens": 1}, TOTAL),
    ("openai.responses", RESPONSES | {"input_tokens": 449, "total_tokens": 949}, BUCKETS),
    ("openai.responses", RESPONSES | {"output_tokens": 319, "total_tokens": 1319}, BUCKETS),
    ("openai.embeddings", {"prompt_tokens": 8, "total_tokens": 9}, TOTAL),
    ("openai.images", IMAGES | {"total_tokens": 1}, TOTAL),
    ("openai.images", IMAGES | {"input_tokens": 199, "total_tokens": 1255}, BUCKETS),
    ("openai.realtime", REALTIME | {"total_tokens": 1}, TOTAL),
    ("openai.realtime", REALTIME | {"output_tokens": 299, "total_tokens": 1299}, BUCKETS),
    ("openai.realtime", REALTIME | {"input_tokens": 800, "total_tokens": 1100}, BUCKETS),
]


@pytest.mark.parametrize(("name", "usage", "flags"), CONTRADICTIONS)
def test_contradiction_is_flagged(read, name, usage, flags):
    assert read(name, usage)[1] == flags
