"""POST /v1/traces: one call that several instrumentations tell, linked or not."""

import pytest

from tests.usage.spans import CALL, ENCODINGS, START, attributes, span
from usage.models import UsageBatch

pytestmark = pytest.mark.django_db
MESSAGE = "msg_0123456789abcdef01234567"
SECOND = 10**9
# As OpenInference's LangChain instrumentation tells a call, and anthropic's SDK the same one.
LANGCHAIN = {
    "openinference.span.kind": "LLM",
    "llm.provider": "anthropic",
    "llm.model_name": "claude-sonnet-4-5",
    "llm.token_count.prompt": 1300,
    "llm.token_count.completion": 200,
    "llm.token_count.prompt_details.cache_read": 300,
    "metadata": '{"customer": "acme", "feature": "chat"}',
}
SDK = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
    "gen_ai.response.model": "claude-sonnet-4-5-20250929",
    "gen_ai.response.id": MESSAGE,
    "gen_ai.usage.input_tokens": 1300,
    "gen_ai.usage.output_tokens": 200,
    "gen_ai.usage.cache_read.input_tokens": 300,
    "gen_ai.usage.cache_write.input_tokens": 400,
    "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 150,
    "gen_ai.usage.reasoning.output_tokens": 50,
    "anthropic.response.service_tier": "standard",
}


def told(scope, *spans):
    return {"scope": {"name": scope}, "spans": list(spans)}


def at(number, values, began, ended, **fields):
    """Make a span of a trace of its own, from and to these seconds."""
    times = {
        "startTimeUnixNano": str(START + int(began * SECOND)),
        "endTimeUnixNano": str(START + int(ended * SECOND)),
    }
    return span(number, values, traceId=f"{number:032x}", **times) | fields


@pytest.fixture
def export(post):
    def send(*scopes, content_type="application/json"):
        resource = {"attributes": attributes({"service.name": "api"})}
        body = {"resourceSpans": [{"resource": resource, "scopeSpans": list(scopes)}]}
        answer = post("/v1/traces", ENCODINGS[content_type](body), content_type)
        assert answer.status_code == 200
        return UsageBatch.objects.order_by("-pk")[0]

    return send


@pytest.mark.parametrize("content_type", ENCODINGS)
def test_unlinked_spans_of_a_call_count_once_with_what_each_knows(export, ledger, content_type):
    batch = export(
        told("langchain", at(1, LANGCHAIN, 0, 3)),
        told("sdk", at(2, SDK, 1, 2)),
        content_type=content_type,
    )
    assert (batch.stored, batch.ignored) == (1, {"told_twice": 1})
    [line] = ledger()
    assert (line.input_tokens, line.cache_read_tokens, line.output_tokens) == (600, 300, 200)
    assert (line.cache_write_tokens, line.cache_write_1h_tokens) == (250, 150)
    assert (line.reasoning_tokens, line.flags) == (50, 0)
    context = line.context
    assert (context.customer_reference, context.feature_reference) == ("acme", "chat")
    assert (context.sku.model, context.sku.service_tier) == (
        "claude-sonnet-4-5-20250929", "standard",
    )  # fmt: skip


def test_linked_spans_of_a_call_count_once_with_what_each_knows(export, ledger):
    outer = at(1, LANGCHAIN | {"llm.token_count.prompt": 1301}, 0, 3)
    between = at(2, {"http.route": "/x"}, 0, 3, traceId=outer["traceId"])
    inner = at(3, SDK, 1, 2, traceId=outer["traceId"], parentSpanId=between["spanId"])
    between["parentSpanId"] = outer["spanId"]
    batch = export(told("langchain", outer), told("http", between), told("sdk", inner))
    assert (batch.stored, batch.ignored) == (1, {"ignored_parent": 1, "not_generative": 1})
    [line] = ledger()
    assert (line.context.customer_reference, line.reasoning_tokens) == ("acme", 50)


def test_what_the_counted_span_says_itself_stands(export, ledger):
    export(
        told("langchain", at(1, LANGCHAIN, 0, 3)),
        told("sdk", at(2, SDK | {"customer.id": "inner"}, 1, 2)),
    )
    context = ledger()[0].context
    assert (context.customer_reference, context.feature_reference) == ("inner", "chat")


def test_three_tellings_hand_on_whose_it_is(export, ledger):
    batch = export(
        told("langchain", at(1, LANGCHAIN, 0, 5)),
        told("client", at(2, SDK, 1, 4)),
        told("sdk", at(3, SDK, 2, 3)),
    )
    assert batch.ignored == {"told_twice": 2}
    assert ledger()[0].context.customer_reference == "acme"


def test_same_response_is_the_same_call_whatever_is_counted(export, ledger):
    # A stream of Anthropic, of which OpenLLMetry adds up the first and the last count.
    more = SDK | {"gen_ai.usage.output_tokens": 201}
    batch = export(told("openllmetry", at(1, more, 0, 3)), told("sdk", at(2, SDK, 1, 2)))
    assert (batch.stored, batch.ignored) == (1, {"told_twice": 1})
    assert ledger()[0].output_tokens == 200


UNLIKE = {
    "side by side": (at(1, LANGCHAIN, 0, 1), at(2, SDK, 1, 2)),
    "overlapping": (at(1, LANGCHAIN, 0, 2), at(2, SDK, 1, 3)),
    "other tokens": (at(1, LANGCHAIN | {"llm.token_count.completion": 201}, 0, 3),
                     at(2, SDK, 1, 2)),
    "other responses": (at(1, LANGCHAIN | {"gen_ai.response.id": "msg_1"}, 0, 3),
                        at(2, SDK, 1, 2)),
}  # fmt: skip


@pytest.mark.parametrize("case", UNLIKE)
def test_calls_that_only_look_alike_count_each(export, case):
    outer, inner = UNLIKE[case]
    batch = export(told("langchain", outer), told("sdk", inner))
    assert (batch.stored, batch.ignored) == (2, {})


def test_like_calls_of_one_instrumentation_count_each(export):
    plain = {name: value for name, value in SDK.items() if name != "gen_ai.response.id"}
    batch = export(told("sdk", at(1, plain, 0, 3), at(2, plain, 1, 2)))
    assert (batch.stored, batch.ignored) == (2, {})


def test_short_response_ids_name_no_call(export):
    ollama = CALL | {"gen_ai.response.id": "chatcmpl-123"}
    batch = export(told("sdk", at(1, ollama, 0, 3), at(2, ollama, 1, 2)))
    assert (batch.stored, batch.ignored) == (2, {})


def test_parallel_like_calls_are_paired_one_by_one(export, ledger):
    batch = export(
        told("langchain", *(at(n, LANGCHAIN, n / 10, 5 + n / 10) for n in range(1, 4))),
        told("sdk", *(at(n, SDK | {"gen_ai.response.id": f"{MESSAGE}{n}"}, 1 + n / 10, 4)
                      for n in range(4, 7))),
    )  # fmt: skip
    assert (batch.stored, batch.ignored) == (3, {"told_twice": 3})
    assert [line.reasoning_tokens for line in ledger()] == [50, 50, 50]


FAILED = {"code": 2}
OUTER_FAILURE = {
    "openinference.span.kind": "LLM",
    "llm.system": "anthropic",
    "llm.invocation_parameters": '{"model": "claude-sonnet-4-5", "max_tokens": 9}',
    "metadata": '{"customer": "acme"}',
}
INNER_FAILURE = {
    name: SDK[name]
    for name in ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model")
}


@pytest.mark.parametrize("linked", [True, False])
def test_failure_told_twice_counts_once(export, ledger, linked):
    outer = at(1, OUTER_FAILURE, 0, 3, status=FAILED)
    link = {"traceId": outer["traceId"], "parentSpanId": outer["spanId"]} if linked else {}
    inner = at(2, INNER_FAILURE, 1, 2, status=FAILED, **link)
    batch = export(told("langchain", outer), told("sdk", inner))
    assert batch.ignored == {"ignored_parent" if linked else "told_twice": 1}
    [line] = ledger()
    assert (line.context.outcome, line.context.customer_reference) == ("error", "acme")


def test_failure_inside_a_call_that_succeeded_counts_too(export, ledger):
    outer = at(1, LANGCHAIN, 0, 3)
    link = {"traceId": outer["traceId"], "parentSpanId": outer["spanId"]}
    inner = at(2, INNER_FAILURE, 1, 2, status=FAILED, **link)
    batch = export(told("langchain", outer), told("sdk", inner))
    assert (batch.stored, batch.ignored) == (2, {})
    assert sorted(line.context.outcome for line in ledger()) == ["error", "ok"]


@pytest.mark.parametrize("parameters", ['{"model": "gpt-5.1", "tools": [{"x": 1}]}', "{", "[]"])
def test_failed_call_of_openinference_names_its_model_in_the_parameters(post, ledger, parameters):
    values = OUTER_FAILURE | {"llm.invocation_parameters": parameters}
    body = {"resourceSpans": [{"scopeSpans": [told("x", at(1, values, 0, 1, status=FAILED))]}]}
    answer = post("/v1/traces", ENCODINGS["application/json"](body), "application/json")
    if "gpt-5.1" in parameters:
        assert [line.context.sku.model for line in ledger()] == ["gpt-5.1"]
    else:
        assert (answer.status_code, "model_missing" in answer.json()["message"]) == (400, True)


def test_task_of_openllmetry_is_a_container(export):
    values = {"gen_ai.operation.name": "execute_task", "gen_ai.provider.name": "langchain"}
    assert export(told("x", at(1, values, 0, 1))).ignored == {"not_inference": 1}
