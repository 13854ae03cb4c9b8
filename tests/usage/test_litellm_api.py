"""POST /api/v1/integrations/litellm: StandardLoggingPayload, one or a list."""

import json

import pytest

from usage.models import UsageEvent

pytestmark = pytest.mark.django_db


def payload(**fields):
    return {
        "id": "chatcmpl-1",
        "call_type": "acompletion",
        "status": "success",
        "custom_llm_provider": "anthropic",
        "model": "anthropic/claude-sonnet-4-5",
        "response_cost": 0.0242,
        "cost_breakdown": {"original_cost": 0.022, "margin_percent": 0.1, "total_cost": 0.0242,
                           "margin_total_amount": 0.0022},
        "prompt_tokens": 1200,
        "completion_tokens": 300,
        "total_tokens": 1500,
        "startTime": 1790000000.123456,
        "endTime": 1790000001.5,
        "cache_hit": None,
        "request_tags": ["release:v41", "User-Agent: curl/8"],
        "end_user": "u-17",
        "metadata": {
            "user_api_key_team_alias": "support",
            "user_api_key_user_id": "owner",
            "requester_metadata": {"customer": "acme", "feature": "summarise", "note": "x"},
            "usage_object": {
                "prompt_tokens": 1200,
                "completion_tokens": 300,
                "total_tokens": 1500,
                "prompt_tokens_details": {"cached_tokens": 1000},
                "cache_creation_input_tokens": 100,
                "completion_tokens_details": {"reasoning_tokens": 20},
            },
        },
        "messages": [{"role": "user", "content": "a secret question"}],
        "response": {"choices": [{"message": {"content": "a secret answer"}}]},
    } | fields  # fmt: skip


@pytest.fixture
def log(post):
    return lambda body: post("/api/v1/integrations/litellm", json.dumps(body), "application/json")


def test_call_is_read_without_the_margin(log, ledger, settings):
    settings.OTLP_TAG_ATTRIBUTES = ["release"]
    assert log(payload()).json()["stored"] == 1
    [line] = ledger()
    context = line.context
    assert (context.sku.provider_code, context.sku.model) == ("anthropic", "claude-sonnet-4-5")
    assert (line.input_tokens, line.cache_read_tokens, line.cache_write_tokens) == (100, 1000, 100)
    assert (line.output_tokens, line.reasoning_tokens, line.flags) == (300, 20, 0)
    assert f"{line.stated_cost:f}" == "0.022000000000000000"
    assert line.occurred_at.isoformat() == "2026-09-21T14:13:20.123456+00:00"
    assert (context.customer_reference, context.feature_reference) == ("acme", "summarise")
    assert (context.user_reference.reference, context.team_reference) == ("u-17", "support")
    assert (context.operation, context.outcome, context.tags) == ("chat", "ok", {"release": "v41"})


COSTS = [
    ({"cost_breakdown": None}, "0.024200000000000000"),
    ({"cost_breakdown": {"margin_total_amount": 0.0022}}, "0.022000000000000000"),
    ({"cost_breakdown": {"original_cost": 0.02, "discount_amount": 0.001}}, "0.020000000000000000"),
    ({"cost_breakdown": {}, "response_cost": 0}, "0.000000000000000000"),
    ({"cost_breakdown": {}, "response_cost": 3.4499999999999996e-05}, "0.000034500000000000"),
]


@pytest.mark.parametrize(("fields", "cost"), COSTS)
def test_stated_cost(log, ledger, fields, cost):
    log(payload(**fields))
    assert f"{ledger()[0].stated_cost:f}" == cost


def test_no_cost_is_not_zero(log, ledger):
    log(payload(cost_breakdown=None, response_cost=None))
    assert ledger()[0].stated_cost is None


def test_cache_hit_is_a_call_that_bought_nothing(log, ledger):
    log(payload(cache_hit=True))
    [line] = ledger()
    assert line.context.outcome == "cache_hit"
    assert (line.input_tokens, line.cache_read_tokens, line.output_tokens) == (0, 0, 0)
    assert (line.stated_cost, line.stated_currency) == (0, "USD")


def test_failed_call_is_stored_as_an_error(log, ledger):
    log(payload(status="failure", prompt_tokens=0, completion_tokens=0, total_tokens=0,
                metadata={}, response_cost=0, cost_breakdown=None))  # fmt: skip
    [line] = ledger()
    assert (line.context.outcome, line.input_tokens) == ("error", 0)


def test_end_user_is_the_customer_where_nothing_else_is(log, ledger):
    log(payload(metadata={}, end_user="acme"))
    context = ledger()[0].context
    assert (context.customer_reference, context.user_reference.reference) == ("acme", "acme")


def test_counts_stand_in_for_a_missing_usage_object(log, ledger):
    log(payload(metadata={}))
    assert (ledger()[0].input_tokens, ledger()[0].output_tokens) == (1200, 300)


def test_list_with_a_bad_payload(log):
    answer = log([payload(), payload(id="b", startTime="soon"), payload(id="c", model=None)])
    assert answer.json()["stored"] == 1
    assert [entry["code"] for entry in answer.json()["results"]] == [
        "timestamp_format", "model_missing",
    ]  # fmt: skip
    assert UsageEvent.objects.count() == 1


def test_lines_are_read_as_a_list_is(post, ledger):
    body = "\n".join(json.dumps(payload(id=one)) for one in ("a", "b"))
    answer = post("/api/v1/integrations/litellm", body, "application/json")
    assert (answer.json()["stored"], len(ledger())) == (2, 2)


def test_resend_is_a_duplicate(log):
    log(payload())
    assert log([payload()]).json()["duplicate"] == 1


def test_failed_attempts_of_a_request_count_each(log, ledger):
    # The attempts of a router share the proxy's call id.
    failed = {"id": "8f14e45f-ceea-467f-a8d4-b1b6ad4d33b1", "status": "failure", "metadata": {},
              "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0,
              "response_cost": 0, "cost_breakdown": None}  # fmt: skip
    attempts = [payload(**failed, startTime=1790000000 + second) for second in range(3)]
    assert log(attempts).json()["stored"] == 3
    assert log(attempts).json()["duplicate"] == 3
    assert [line.context.outcome for line in ledger()] == ["error"] * 3


@pytest.mark.parametrize(
    ("name", "stored"), [("chatcmpl-123", 2), ("chatcmpl-0123456789abcdef0123", 1)]
)
def test_short_response_id_names_no_call(log, name, stored):
    calls = [payload(id=name, startTime=1790000000 + second) for second in range(2)]
    answer = log(calls).json()
    assert (answer["stored"], answer["conflict"]) == (stored, 2 - stored)


def test_answer_from_the_cache_stands_beside_the_call(log, ledger):
    # LiteLLM appends the moment of the hit to the response's id.
    name = "chatcmpl-0123456789abcdef0123"
    log([payload(id=name), payload(id=f"{name}_cache_hit1790000002.5", cache_hit=True)])
    assert sorted(line.output_tokens for line in ledger()) == [0, 300]
