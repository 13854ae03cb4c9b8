"""anthropic: messages whole and streamed both ways, batches, errors, the async client."""

import asyncio
import gc

import pytest
from provider import ANTHROPIC, Provider

anthropic = pytest.importorskip("anthropic")
ASK = {
    "model": "claude-sonnet-4-5", "max_tokens": 64,
    "messages": [{"role": "user", "content": "canary-prompt"}],
}  # fmt: skip


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


def make(provider, kind="Anthropic", **more):
    said = {"api_key": "sk-ant-canary", "base_url": provider.url, "max_retries": 0, **more}
    return getattr(anthropic, kind)(**said)


@pytest.fixture
def bare(provider):
    return make(provider)


@pytest.fixture
def client(provider, sdk):
    return sdk.wrap(make(provider))


def plain(thing):
    found = thing.model_dump()
    found.pop("id", None)
    if isinstance(found.get("message"), dict):
        found["message"].pop("id", None)
    return found


def test_message(client, bare, sdk, sent):
    with sdk.attribute(customer="acme"):
        answer = client.messages.create(**ASK)
    assert plain(answer) == plain(bare.messages.create(**ASK))
    (event,) = sent()
    assert event["usage"] == ANTHROPIC
    assert (event["usage_format"], event["model"]) == ("anthropic", "claude-sonnet-4-5-20250929")
    assert (event["provider"], event["customer"], event["outcome"]) == ("anthropic", "acme", "ok")


def test_streamed_usage_is_the_last_never_the_sum(client, bare, sent):
    stream = client.messages.create(stream=True, **ASK)
    other = bare.messages.create(stream=True, **ASK)
    assert type(stream) is type(other)
    assert [plain(event) for event in stream] == [plain(event) for event in other]
    assert sent()[0]["usage"] == ANTHROPIC


def test_stream_helper(client, bare, sent):
    def run(one):
        with one.messages.stream(**ASK) as stream:
            return "".join(stream.text_stream), stream.get_final_message().usage.output_tokens

    assert run(client) == run(bare)
    assert [event["usage"] for event in sent()] == [ANTHROPIC]


def test_stream_let_go_of_keeps_what_was_stated(client, sent):
    with client.messages.stream(**ASK) as stream:
        next(iter(stream))
    gc.collect()
    (event,) = sent()
    assert event["outcome"] == "cancelled"
    assert (event["usage"]["input_tokens"], event["usage"]["output_tokens"]) == (5, 1)


def test_raw_response(client, bare, sent):
    for one in (client, bare):
        assert one.messages.with_raw_response.create(**ASK).parse().usage.output_tokens == 550
    assert sent()[0]["usage"]["output_tokens"] == 550


def test_batch_results_are_one_event_each_and_count_once(client, bare, sent):
    lines = [line.custom_id for line in client.messages.batches.results("msgbatch_1")]
    assert lines == [line.custom_id for line in bare.messages.batches.results("msgbatch_1")]
    (event,) = sent()
    assert event["usage_format"] == "anthropic.batch"
    assert event["usage"] == ANTHROPIC
    assert event["id"].startswith("anthropic:message:msg_")


@pytest.mark.parametrize("status", [400, 429, 529])
def test_error_is_the_clients_own(client, bare, provider, sent, status):
    provider.fail = [status, status]
    raised = []
    for one in (client, bare):
        with pytest.raises(anthropic.APIStatusError) as found:
            one.messages.create(**ASK)
        raised.append((type(found.value), str(found.value)))
    assert raised[0] == raised[1]
    assert [event["outcome"] for event in sent()] == ["error"]


async def test_async(provider, sdk, server):
    client, bare = (make(provider, "AsyncAnthropic") for _ in range(2))
    sdk.wrap(client)
    assert plain(await client.messages.create(**ASK)) == plain(await bare.messages.create(**ASK))
    async with client.messages.stream(**ASK) as stream:
        assert (await stream.get_final_message()).usage.output_tokens == 550
    stream = await client.messages.create(stream=True, **ASK)
    await stream.__anext__()
    await stream.close()
    del stream
    await asyncio.to_thread(sdk.flush, 5)
    events = [
        (event["outcome"], event["usage"]["output_tokens"]) for event in server.events.values()
    ]
    assert events == [("ok", 550), ("ok", 550), ("cancelled", 1)]
