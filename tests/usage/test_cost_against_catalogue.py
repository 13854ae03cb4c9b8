"""Cost from payload to margin report, compared with what the catalogue's own calculator says."""

import dataclasses
import datetime as dt

import genai_prices
import pytest

from billing.margin import margin
from tknops.calendar import Period
from usage.cube import fold
from usage.pricing import ModelMatcher
from usage.pricing.catalogue import read_catalogue
from usage.repricing import sync_prices
from usage.sources import model_and_region

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
NOVEMBER = Period(dt.date(2026, 11, 1), dt.date(2026, 12, 1))


@dataclasses.dataclass(frozen=True)
class Counts:
    """Disjoint counts of a call; `reasoning` lies inside `out`."""

    fresh: int = 0
    read: int = 0
    write: int = 0
    hour: int = 0
    out: int = 0
    reasoning: int = 0
    audio: int = 0
    cached_audio: int = 0
    audio_out: int = 0

    @property
    def given(self):
        parts = (self.fresh, self.read, self.write, self.hour, self.audio, self.cached_audio)
        return sum(parts)


def openai_chat(counts, tier):
    return {
        "prompt_tokens": counts.given,
        "completion_tokens": counts.out + counts.audio_out,
        "total_tokens": counts.given + counts.out + counts.audio_out,
        "service_tier": tier or "default",
        "prompt_tokens_details": {
            "cached_tokens": counts.read,
            "cache_write_tokens": counts.write,
            "audio_tokens": counts.audio,
        },
        "completion_tokens_details": {
            "reasoning_tokens": counts.reasoning,
            "audio_tokens": counts.audio_out,
        },
    }


def openai_responses(counts, tier):
    return {
        "input_tokens": counts.given,
        "output_tokens": counts.out,
        "total_tokens": counts.given + counts.out,
        "service_tier": tier or "default",
        "input_tokens_details": {
            "cached_tokens": counts.read,
            "cache_write_tokens": counts.write,
        },
        "output_tokens_details": {"reasoning_tokens": counts.reasoning},
    }


def openai_realtime(counts, tier):
    return {
        "input_tokens": counts.given,
        "output_tokens": counts.out + counts.audio_out,
        "total_tokens": counts.given + counts.out + counts.audio_out,
        "input_token_details": {
            "text_tokens": counts.fresh + counts.read,
            "audio_tokens": counts.audio + counts.cached_audio,
            "cached_tokens": counts.read + counts.cached_audio,
            "cached_tokens_details": {
                "text_tokens": counts.read,
                "audio_tokens": counts.cached_audio,
            },
        },
        "output_token_details": {"text_tokens": counts.out, "audio_tokens": counts.audio_out},
    }


def embeddings(counts, tier):
    return {"prompt_tokens": counts.given, "total_tokens": counts.given}


def anthropic(counts, tier):
    return {
        "input_tokens": counts.fresh,
        "cache_read_input_tokens": counts.read,
        "cache_creation_input_tokens": counts.write + counts.hour,
        "cache_creation": {
            "ephemeral_5m_input_tokens": counts.write,
            "ephemeral_1h_input_tokens": counts.hour,
        },
        "output_tokens": counts.out,
        "output_tokens_details": {"thinking_tokens": counts.reasoning},
        "service_tier": "batch" if tier == "batch" else "standard",
        "speed": "fast" if tier == "fast" else "standard",
    }


def gemini(counts, tier):
    traffic = {"flex": "ON_DEMAND_FLEX", "provisioned": "PROVISIONED_THROUGHPUT"}
    return {
        "promptTokenCount": counts.given,
        "cachedContentTokenCount": counts.read + counts.cached_audio,
        "candidatesTokenCount": counts.out - counts.reasoning,
        "thoughtsTokenCount": counts.reasoning,
        "totalTokenCount": counts.given + counts.out,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": counts.fresh + counts.read},
            {"modality": "AUDIO", "tokenCount": counts.audio + counts.cached_audio},
        ],
        "cacheTokensDetails": [
            {"modality": "TEXT", "tokenCount": counts.read},
            {"modality": "AUDIO", "tokenCount": counts.cached_audio},
        ],
        "trafficType": traffic.get(tier, "ON_DEMAND"),
    }


def bedrock(counts, tier):
    return {
        "inputTokens": counts.fresh,
        "outputTokens": counts.out,
        "totalTokens": counts.given + counts.out,
        "cacheReadInputTokens": counts.read,
        "cacheWriteInputTokens": counts.write + counts.hour,
        "cacheDetails": [
            {"ttl": "5m", "inputTokens": counts.write},
            {"ttl": "1h", "inputTokens": counts.hour},
        ],
    }


def mistral(counts, tier):
    return {
        "prompt_tokens": counts.given,
        "completion_tokens": counts.out,
        "total_tokens": counts.given + counts.out,
        "prompt_tokens_details": {"cached_tokens": counts.read},
    }


def cohere(counts, tier):
    return {"billed_units": {"input_tokens": counts.given, "output_tokens": counts.out}}


def langchain(counts, tier):
    prefix = f"{tier}_" if tier else ""
    sent = {f"{prefix}cache_read": counts.read}
    made = {f"{prefix}reasoning": counts.reasoning}
    if tier:
        sent[tier], made[tier] = counts.fresh, counts.out - counts.reasoning
    return {
        "input_tokens": counts.given,
        "output_tokens": counts.out,
        "total_tokens": counts.given + counts.out,
        "input_token_details": sent,
        "output_token_details": made,
    }


PAYLOADS = {
    "openai.chat": openai_chat,
    "openai.chat.batch": openai_chat,
    "openai.responses": openai_responses,
    "openai.responses.batch": openai_responses,
    "openai.realtime": openai_realtime,
    "openai.embeddings": embeddings,
    "anthropic": anthropic,
    "anthropic.batch": anthropic,
    "gemini": gemini,
    "gemini.batch": gemini,
    "bedrock": bedrock,
    "mistral": mistral,
    "mistral.batch": mistral,
    "cohere": cohere,
    "langchain": langchain,
}
SMALL = Counts(fresh=1203, out=417)
CACHED = Counts(fresh=176, read=1024, out=300, reasoning=128)
WRITTEN = Counts(fresh=76, read=1024, write=512, out=300, reasoning=128)
ALL = Counts(fresh=76, read=1024, write=512, hour=333, out=300, reasoning=128)
LONG = Counts(fresh=301_000, read=20_001, out=777, reasoning=700)
LONG_BY_CACHE = Counts(fresh=100, read=272_000, out=10)
AT_200K = Counts(fresh=100_000, read=100_000, out=10)
OVER_200K = Counts(fresh=100_001, read=100_000, out=10)
SPOKEN = Counts(fresh=100, read=50, audio=900, cached_audio=640, out=60, audio_out=240)
HEARD = Counts(fresh=100, read=50, audio=900, cached_audio=640, out=160, reasoning=60)

BATCH = {"processing": "batch"}
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
# provider, model, format, tier in the payload, counts, the calculator's context for the tier
CASES = [
    ("openai", "gpt-4o", "openai.chat", "", SMALL, {}),
    ("openai", "gpt-4o", "openai.chat", "", CACHED, {}),
    ("openai", "gpt-4o-2024-08-06", "openai.chat", "", CACHED, {}),
    ("openai", "gpt-4.1-mini", "openai.chat", "", CACHED, {}),
    ("openai", "o3", "openai.chat", "flex", CACHED, {"service_tier": "flex"}),
    ("openai", "gpt-5.1", "openai.responses", "", CACHED, {}),
    ("openai", "gpt-5.1", "openai.responses", "priority", CACHED, {"service_tier": "priority"}),
    ("openai", "gpt-5.1", "openai.responses.batch", "", CACHED, BATCH),
    ("openai", "gpt-5.6-sol", "openai.chat", "", WRITTEN, {}),
    ("openai", "gpt-5.6-sol", "openai.responses", "", LONG, {}),
    ("openai", "gpt-5.6-sol", "openai.responses", "", LONG_BY_CACHE, {}),
    ("openai", "gpt-5.6-sol", "openai.responses", "flex", LONG, {"service_tier": "flex"}),
    ("openai", "gpt-5.6-sol", "openai.responses", "fast", WRITTEN, {"service_tier": "fast"}),
    ("openai", "gpt-5.5", "openai.responses.batch", "", LONG, BATCH),
    ("openai", "gpt-5-nano", "langchain", "", CACHED, {}),
    ("openai", "gpt-5", "langchain", "priority", CACHED, {"service_tier": "priority"}),
    ("openai", "gpt-realtime", "openai.realtime", "", SPOKEN, {}),
    ("openai", "gpt-realtime-mini", "openai.realtime", "", SPOKEN, {}),
    ("openai", "text-embedding-3-small", "openai.embeddings", "", SMALL, {}),
    ("openai", "text-embedding-3-large", "openai.embeddings", "", SMALL, {}),
    ("azure", "gpt-4o", "openai.chat", "", CACHED, {}),
    ("azure", "o3-2025-04-16", "openai.chat", "", CACHED, {}),
    ("anthropic", "claude-sonnet-4-5-20250929", "anthropic", "", ALL, {}),
    ("anthropic", "claude-sonnet-4-5", "anthropic", "", AT_200K, {}),
    ("anthropic", "claude-sonnet-4-5", "anthropic", "", OVER_200K, {}),
    ("anthropic", "claude-sonnet-4-5", "anthropic.batch", "", OVER_200K, BATCH),
    ("anthropic", "claude-opus-4-8", "anthropic", "", ALL, {}),
    ("anthropic", "claude-opus-4-8", "anthropic", "fast", ALL, {"speed": "fast"}),
    ("anthropic", "claude-opus-4-8", "anthropic", "batch", ALL, BATCH),
    ("anthropic", "claude-haiku-4-5-20251001", "anthropic", "", ALL, {}),
    ("anthropic", "claude-haiku-5-5", "anthropic", "", LONG, {}),
    ("anthropic", "claude-sonnet-5-5", "anthropic", "batch", ALL, BATCH),
    ("anthropic", "claude-sonnet-4-20250514", "anthropic", "", ALL, {}),
    ("google", "gemini-2.5-pro", "gemini", "", CACHED, {}),
    ("google", "gemini-2.5-pro", "gemini", "", AT_200K, {}),
    ("google", "gemini-2.5-pro", "gemini", "", OVER_200K, {}),
    ("google", "gemini-2.5-pro", "gemini.batch", "", CACHED, BATCH),
    ("google", "gemini-2.5-pro", "gemini", "", HEARD, {}),
    ("google", "gemini-2.5-flash", "gemini", "", HEARD, {}),
    ("google", "gemini-2.5-flash", "gemini.batch", "", HEARD, BATCH),
    ("google", "gemini-2.0-flash", "gemini", "", HEARD, {}),
    ("aws", f"us.{SONNET}", "bedrock", "", ALL, {}),
    ("aws", f"global.{SONNET}", "bedrock", "", ALL, {}),
    ("aws", "amazon.nova-pro-v1:0", "bedrock", "", CACHED, {}),
    ("aws", "meta.llama3-3-70b-instruct-v1:0", "bedrock", "", SMALL, {}),
    ("mistral", "mistral-large-2512", "mistral", "", CACHED, {}),
    ("mistral", "mistral-small-2603", "mistral.batch", "", SMALL, BATCH),
    ("mistral", "codestral-2508", "mistral", "", SMALL, {}),
    ("cohere", "command-a-03-2025", "cohere", "", SMALL, {}),
    ("cohere", "command-r-08-2024", "cohere", "", SMALL, {}),
    ("deepseek", "deepseek-chat", "openai.chat", "", CACHED, {}),
    ("x-ai", "grok-4-0709", "openai.chat", "", OVER_200K, {}),
    ("groq", "openai/gpt-oss-120b", "openai.chat", "", CACHED, {}),
]  # fmt: skip


def calculator(case):
    """Return the catalogue's own figure for the same counts."""
    provider, model, _, _, counts, context = case
    usage = {
        "input_tokens": counts.given,
        "cache_read_tokens": counts.read + counts.cached_audio,
        "cache_write_tokens": counts.write + counts.hour,
        "cache_write_1h_tokens": counts.hour,
        "input_audio_tokens": counts.audio + counts.cached_audio,
        "cache_audio_read_tokens": counts.cached_audio,
        "output_tokens": counts.out + counts.audio_out,
        "output_audio_tokens": counts.audio_out,
    }
    price = genai_prices.calc_price(
        genai_prices.Usage(**usage),
        model,
        provider_id=provider,
        genai_request_timestamp=MOMENT,
        price_context=context or None,
    )
    return price.total_price


@pytest.fixture
def price_book(db):
    """Write the catalogue's prices of the models compared."""
    catalogue = read_catalogue()
    names = {(price.provider_code, price.model) for price in catalogue.prices}
    match = ModelMatcher(names, catalogue.aliases).match
    cases = [case[:2] for case in (*CASES, *UNPRICED, *PARTS)]
    wanted = {(code, match(code, model_and_region(code, model)[0])) for code, model in cases}
    prices = [price for price in catalogue.prices if (price.provider_code, price.model) in wanted]
    sync_prices(catalogue=dataclasses.replace(catalogue, prices=prices), now=MOMENT)


# Tiers with no public price per token, where the calculator would charge the ordinary one.
UNPRICED = [
    ("openai", "gpt-4o", "openai.chat", "scale"),
    ("openai", "text-embedding-3-large", "openai.embeddings.batch", ""),
    ("azure", "gpt-4o", "openai.chat.batch", ""),
    ("google", "gemini-2.5-pro", "gemini", "provisioned"),
    ("google", "gemini-2.5-pro", "gemini", "flex"),
]


def test_cost_is_what_the_catalogue_calculates(price_book, send):
    events = [
        call(number, provider, model, name, PAYLOADS[name](counts, tier))
        for number, (provider, model, name, tier, counts, _) in enumerate(CASES)
    ]
    assert send(events).json()["stored"] == len(CASES)
    fold()
    ours = figures()
    theirs = {
        event["id"]: (_plain(calculator(case)), 0)
        for event, case in zip(events, CASES, strict=True)
    }
    assert len(theirs) == len(CASES) >= 40
    assert ours == theirs


@pytest.mark.parametrize(("provider", "model", "name", "tier"), UNPRICED)
def test_tier_without_a_price_is_unpriced(price_book, send, provider, model, name, tier):
    payload = PAYLOADS[name.removesuffix(".batch")](SMALL, tier)
    send([call(1, provider, model, name, payload)])
    fold()
    [found] = figures().values()
    assert found == (None, 1)


PARTS = [
    ("anthropic", "claude-opus-4-8", "anthropic",
     {"input_tokens": 1000, "output_tokens": 10, "service_tier": "batch",
      "server_tool_use": {"web_search_requests": 3}},
     # half of 1000 × 5 + 10 × 25 per million, and 3 searches of 10 per thousand
     "0.032625"),
    ("anthropic", "claude-sonnet-4-6", "anthropic",
     {"input_tokens": 412, "output_tokens": 531, "iterations": [
         {"type": "message", "input_tokens": 412, "output_tokens": 89},
         {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 823,
          "output_tokens": 1612}]},
     # 412 × 3 + 89 × 15 at Sonnet's price, 823 × 5 + 1612 × 25 at the advisor's
     "0.046986"),
    ("anthropic", "claude-opus-4-8", "anthropic",
     {"input_tokens": 1000, "output_tokens": 10, "inference_geo": "us"},
     # 1.1 × (1000 × 5 + 10 × 25) per million
     "0.005775"),
    ("openai", "whisper-1", "openai.transcription", {"type": "duration", "seconds": 90},
     # 0.36 an hour
     "0.009"),
    ("mistral", "mistral-ocr-2505", "mistral.ocr", {"pages_processed": 29}, "0.029"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "model", "name", "usage", "cost"), PARTS)
def test_parts_are_priced_each_by_its_own(price_book, send, provider, model, name, usage, cost):
    send([call(1, provider, model, name, usage)])
    fold()
    assert figures() == {"case-1": (cost, 0)}


def call(number, provider, model, name, usage):
    return {
        "id": f"case-{number}",
        "time": MOMENT.isoformat(),
        "provider": provider,
        "model": model,
        "tags": {"case": f"case-{number}"},
        "usage_format": name,
        "usage": usage,
    }


def figures():
    report = margin(by=["tag.case"], period=NOVEMBER)
    return {row.key[0]: (_plain(row.cost), row.unpriced_events) for row in report.rows}


def _plain(cost):
    return None if cost is None else f"{cost.normalize():f}"
