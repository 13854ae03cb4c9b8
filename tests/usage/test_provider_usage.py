"""A provider's own usage object through the door: what is stored, flagged and refused."""

import json

import pytest

from usage.models import Conflict, Context, Quarantined, UsageEvent
from usage.sources import FORMATS
from usage.tokens import QUANTITIES

pytestmark = pytest.mark.django_db
CHAT = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
CLAUDE = {"input_tokens": 10, "output_tokens": 5}


def skus():
    rows = Context.objects.order_by("sku").values_list(
        "sku__provider_code", "sku__model", "sku__service_tier", "sku__region", "unit"
    )
    return list(rows)


def test_tier_and_region_used_win_over_those_the_event_states(send, event):
    usage = CLAUDE | {"service_tier": "standard", "inference_geo": "us"}
    stated = {"provider": "anthropic", "model": "m", "service_tier": "priority", "region": "eu"}
    send(event(usage_format="anthropic", usage=usage, **stated))
    assert skus() == [("anthropic", "m", "standard", "us", "")]


def test_tier_and_region_of_the_event_stand_where_the_payload_is_silent(send, event):
    send(event(usage_format="openai.chat", usage=CHAT, service_tier="flex", region="eu"))
    assert skus() == [("openai", "gpt-4o", "flex", "eu", "")]


def test_bedrock_profile_is_a_model_and_a_geography(send, event):
    usage = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}
    model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
    send(event(provider="aws.bedrock", model=model, usage_format="bedrock", usage=usage))
    assert skus() == [("aws", model[3:], "", "eu", "")]


def test_parts_of_a_call_are_lines_and_its_stated_cost_stands_on_the_first(send, event):
    usage = CLAUDE | {
        "iterations": [
            {"type": "message", "input_tokens": 10, "output_tokens": 5},
            {"type": "advisor_message", "model": "big", "input_tokens": 7, "output_tokens": 9},
        ],
        "server_tool_use": {"web_search_requests": 2},
    }
    sent = event(
        provider="anthropic", model="small", usage_format="anthropic", usage=usage,
        cost={"amount": "0.5"},
    )  # fmt: skip
    assert send(sent).json()["stored"] == 1
    assert send(sent).json()["duplicate"] == 1
    rows = UsageEvent.objects.order_by("line").values_list(
        "context__sku__model", "input_tokens", "output_tokens", "units", "stated_cost"
    )
    assert [(*row[:4], row[4] and str(row[4].normalize())) for row in rows] == [
        ("small", 10, 5, 0, "0.5"),
        ("big", 7, 9, 0, None),
        ("small", 0, 0, 2_000_000, None),
    ]


def test_seconds_are_exact(send, event):
    body = json.dumps(event(usage_format="openai.transcription", usage={"seconds": "X"}))
    assert send(body.replace('"X"', "12.345678")).json()["stored"] == 1
    assert UsageEvent.objects.get().units == 12_345_678


@pytest.mark.parametrize(
    ("usage", "flags"),
    [
        (CHAT, 0),
        (CHAT | {"total_tokens": 16}, UsageEvent.Flag.TOTAL_MISMATCH),
        (
            CHAT | {"prompt_tokens_details": {"cached_tokens": 11}},
            UsageEvent.Flag.BUCKET_MISMATCH,
        ),
        (
            CHAT | {"completion_tokens_details": {"reasoning_tokens": 6}},
            UsageEvent.Flag.BUCKET_MISMATCH,
        ),
        (
            CHAT | {"prompt_tokens": 2 * 10**9},
            UsageEvent.Flag.SUSPICIOUS | UsageEvent.Flag.TOTAL_MISMATCH,
        ),
    ],
)
def test_contradiction_is_stored_and_flagged(send, event, usage, flags):
    assert send(event(usage_format="openai.chat", usage=usage)).json()["stored"] == 1
    assert UsageEvent.objects.get().flags == flags


NUL = "\x00"
REFUSED = [
    ("openai.chat", CHAT | {"prompt_tokens": -1}, "negative_tokens"),
    ("openai.chat", CHAT | {"prompt_tokens": True}, "not_integer"),
    ("openai.chat", CHAT | {"prompt_tokens": "10"}, "not_integer"),
    ("openai.chat", CHAT | {"prompt_tokens": 1.5}, "not_integer"),
    ("openai.chat", CHAT | {"prompt_tokens": 10.0}, "not_integer"),
    ("openai.chat", CHAT | {"prompt_tokens": 10**12 + 1}, "out_of_range"),
    ("openai.chat", CHAT | {"prompt_tokens": 10**40}, "out_of_range"),
    ("openai.chat", CHAT | {"prompt_tokens_details": [1]}, "wrong_type"),
    ("openai.chat", CHAT | {"service_tier": 7}, "wrong_type"),
    ("openai.chat", CHAT | {"service_tier": "x" * 51}, "too_long"),
    ("openai.chat", CHAT | {"service_tier": f"a{NUL}b"}, "control_character"),
    ("openai.chat", [CHAT], "wrong_type"),
    ("openai.chat", 7, "wrong_type"),
    ("openai.chat", CLAUDE, "no_usage"),
    ("openai.chat", {}, "no_usage"),
    ("anthropic", CLAUDE | {"iterations": 3}, "wrong_type"),
    ("anthropic", CLAUDE | {"iterations": [CLAUDE] * 101}, "too_many_parts"),
    ("cohere", {"billed_units": {"input_tokens": 1.5}}, "not_integer"),
    ("openai.transcription", {"seconds": 1.0000001}, "too_many_decimals"),
    ("openai.transcription", {"seconds": -0.5}, "negative_tokens"),
    ("openai.transcription", {"seconds": 1e40}, "out_of_range"),
    ("openai.transcription", {"seconds": 1e-300}, "too_many_decimals"),
    ("openai", CHAT, "unknown_usage_format"),
]


@pytest.mark.parametrize(("name", "usage", "code"), REFUSED)
def test_payload_that_is_none_is_refused_without_its_value(send, event, name, usage, code):
    answer = send([event(id="good"), event(usage_format=name, usage=usage)])
    assert answer.json()["stored"] == 1
    assert [entry["code"] for entry in answer.json()["results"]] == [code]
    assert Quarantined.objects.get().code == code


def test_null_counts_are_nothing(send, event):
    send(event(usage_format="openai.chat", usage=CHAT | {"prompt_tokens_details": None}))
    assert UsageEvent.objects.get().input_tokens == 10


def test_failed_call_may_have_no_usage_of_any_format(send, event):
    sent = event(usage_format="openai.chat", usage=None, outcome="error")
    assert send(sent).json()["stored"] == 1
    stored = UsageEvent.objects.values_list(*QUANTITIES).get()
    assert set(stored) == {0}


PROMISED = [
    "openai.chat", "openai.responses", "openai.embeddings", "openai.images",
    "openai.transcription", "openai.realtime", "anthropic", "gemini", "vertex", "bedrock",
    "mistral", "cohere", "langchain", "azure.openai",
]  # fmt: skip


def test_promised_formats_are_accepted():
    assert set(PROMISED) - FORMATS.keys() == set()


PROVIDERS = [
    ("openai", "openai"), ("azure.ai.openai", "azure"), ("azure.ai.inference", "azure"),
    ("az.ai.openai", "azure"), ("Azure-OpenAI", "azure"), ("azure_ai", "azure"),
    ("anthropic", "anthropic"), ("aws.bedrock", "aws"), ("aws_bedrock", "aws"),
    ("bedrock_converse", "aws"), ("gcp.gemini", "google"), ("gcp.vertex_ai", "google"),
    ("gcp.gen_ai", "google"), ("vertex_ai", "google"), ("vertex_ai-anthropic_models", "google"),
    ("Google Vertex AI", "google"), ("mistral_ai", "mistral"), ("codestral", "mistral"),
    ("cohere", "cohere"), ("cohere_chat", "cohere"), ("deepseek", "deepseek"),
    ("groq", "groq"), ("ibm.watsonx.ai", "ibm.watsonx.ai"), ("perplexity", "perplexity"),
    ("x_ai", "x-ai"), ("xai", "x-ai"), ("together_ai", "together"), ("voyage", "voyageai"),
    ("fireworks_ai", "fireworks"), ("moonshot", "moonshotai"), ("meta_llama", "meta"),
    ("github_copilot", "github-copilot"), ("text-completion-openai", "openai"),
    (" OpenAI ", "openai"), ("my-gateway", "my-gateway"),
]  # fmt: skip


def test_spellings_of_a_provider_are_one(send, event):
    send([event(id=str(n), provider=p, model=p) for n, (p, _) in enumerate(PROVIDERS)])
    found = Context.objects.values_list("sku__model", "sku__provider_code")
    assert dict(found) == dict(PROVIDERS)


@pytest.mark.parametrize("name", [NUL, "\\u0000", f"\\{NUL}"])
def test_nul_in_a_field_nobody_reads_is_kept_as_its_picture(send, event, name):
    usage = CHAT | {name: {name: None}}
    assert send(event(usage_format="openai.chat", usage=CHAT)).json()["stored"] == 1
    changed = event(usage_format="openai.chat", usage=usage | {"prompt_tokens": 1})
    assert send(changed).json()["conflict"] == 1
    wrong = event(id="wrong", usage_format="openai.chat", usage=usage | {"prompt_tokens": -1})
    assert send(wrong).status_code == 422
    written = name.replace(NUL, "␀")
    for row in (Conflict.objects.get(), Quarantined.objects.get()):
        assert row.fields["usage"][written] == {written: None}


def test_nul_in_the_name_of_an_unknown_field_is_refused_and_kept_as_its_picture(send, event):
    answer = send([event(id="good"), event(lines=[{NUL: 1}])]).json()
    assert (answer["stored"], answer["rejected"]) == (1, 1)
    row = Quarantined.objects.get()
    assert "␀" in row.detail
    assert row.removed == ["lines.0.␀"]
