"""openai: what is recorded is the payload's usage, what is returned is what the bare client returns."""

import asyncio
import gc
import inspect

import pytest
from provider import CHAT, IMAGES, RESPONSES, Provider

openai = pytest.importorskip("openai")


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


def make(provider, kind="OpenAI", **more):
    said = {"api_key": "sk-canary", "base_url": f"{provider.url}/v1", "max_retries": 0, **more}
    return getattr(openai, kind)(**said)


@pytest.fixture
def bare(provider):
    return make(provider)


@pytest.fixture
def client(provider, sdk):
    return sdk.wrap(make(provider), stream_usage=True)


ASK = {"model": "gpt-5.1", "messages": [{"role": "user", "content": "canary-prompt"}]}


def plain(thing):
    """A value to compare by: the fields of models, without ids that differ per call."""
    if isinstance(thing, list):
        return [plain(one) for one in thing]
    found = thing.model_dump(exclude_unset=True)
    found.pop("id", None)
    return found


def test_client_keeps_its_type_signatures_and_identity(provider, sdk, bare):
    client = make(provider)
    assert sdk.wrap(client) is client
    assert type(client) is type(bare)
    for name in ("create", "parse", "stream"):
        wrapped, original = (getattr(c.chat.completions, name) for c in (client, bare))
        assert inspect.signature(wrapped) == inspect.signature(original)
    assert inspect.signature(client.request) == inspect.signature(bare.request)


def test_chat(client, bare, sdk, sent):
    with sdk.attribute(customer="acme", feature="chat", tags={"release": "v1"}):
        answer = client.chat.completions.create(**ASK)
    assert plain(answer) == plain(bare.chat.completions.create(**ASK))
    (event,) = sent()
    assert event["usage"].pop("service_tier") == "default"
    assert event["usage"] == CHAT
    assert event.pop("id")
    assert event.pop("time")
    assert event == {
        "provider": "openai", "model": "gpt-5.1-2026-01-01", "usage_format": "openai.chat",
        "operation": "chat", "outcome": "ok", "customer": "acme", "feature": "chat",
        "tags": {"release": "v1"}, "usage": CHAT,
    }  # fmt: skip


def test_chat_stream_asks_for_usage_and_hides_the_chunk_it_added(client, bare, sdk, sent, provider):
    with sdk.attribute(customer="acme"):
        stream = client.chat.completions.create(stream=True, **ASK)
    chunks = list(stream)
    unwrapped = bare.chat.completions.create(stream=True, **ASK)
    assert type(stream) is type(unwrapped)
    assert plain(chunks) == plain(list(unwrapped))
    assert provider.asked[0]["stream_options"] == {"include_usage": True}
    assert "stream_options" not in provider.asked[1]
    (event,) = sent()
    assert event["usage"]["completion_tokens"] == 300
    assert event["customer"] == "acme"
    assert sdk.stats()["troubles"] == {"stream_usage_added": 1}


def test_chat_stream_with_usage_asked_by_the_host_shows_every_chunk(client, bare, sent):
    asked = {**ASK, "stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client.chat.completions.create(**asked))
    assert plain(chunks) == plain(list(bare.chat.completions.create(**asked)))
    assert len(chunks) == 4
    assert sent()[0]["usage"]["prompt_tokens"] == 1200


def test_stream_of_an_unknown_server_is_left_alone_and_shows_as_unpriced(provider, sdk, sent):
    client = sdk.wrap(make(provider), provider="vllm")
    assert len(list(client.chat.completions.create(stream=True, **ASK))) == 3
    assert "stream_options" not in provider.asked[0]
    (event,) = sent()
    assert (event["provider"], event["usage"]) == ("vllm", {"units": 1, "unit": "request"})
    assert "usage_format" not in event


@pytest.mark.parametrize("close", ["close", "with", "drop"])
def test_stream_let_go_of_is_cancelled(client, sent, close):
    stream = client.chat.completions.create(stream=True, **ASK)
    if close == "with":
        with stream:
            next(stream)
    else:
        next(stream)
        if close == "close":
            stream.close()
    del stream
    gc.collect()
    (event,) = sent()
    assert event["outcome"] == "cancelled"
    assert "usage" not in event


def test_stream_helper(client, bare, sent):
    def run(one):
        with one.chat.completions.stream(**ASK) as stream:
            kinds = [event.type for event in stream]
            return kinds, stream.get_final_completion().choices[0].message.content

    assert run(client) == run(bare)
    assert [event["usage"]["total_tokens"] for event in sent()] == [1500]


def test_parse(client, bare, sent):
    assert plain(client.chat.completions.parse(**ASK)) == plain(bare.chat.completions.parse(**ASK))
    assert sent()[0]["usage"]["total_tokens"] == 1500


def test_raw_response(client, bare, sent):
    raw = client.chat.completions.with_raw_response.create(**ASK)
    unwrapped = bare.chat.completions.with_raw_response.create(**ASK)
    assert type(raw) is type(unwrapped)
    assert raw.status_code == 200
    assert plain(raw.parse()) == plain(unwrapped.parse())
    assert raw.parse() is raw.parse()
    (event,) = sent()
    assert event["usage"]["prompt_tokens_details"]["cached_tokens"] == 1024


def test_raw_response_of_a_stream(client, bare, sent):
    asked = {**ASK, "stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client.chat.completions.with_raw_response.create(**asked).parse())
    assert plain(chunks) == plain(
        list(bare.chat.completions.with_raw_response.create(**asked).parse())
    )
    assert sent()[0]["usage"]["total_tokens"] == 1500


def test_streaming_response(client, bare, sent):
    for one in (client, bare):
        with one.chat.completions.with_streaming_response.create(**ASK) as answer:
            assert answer.parse().usage.total_tokens == 1500
    with client.chat.completions.with_streaming_response.create(**ASK) as answer:
        assert b"canary" in answer.read()
    assert [event["usage"]["total_tokens"] for event in sent()] == [1500, 1500]


@pytest.mark.parametrize("streamed", [False, True])
def test_responses(client, bare, sent, streamed):
    def run(one):
        answer = one.responses.create(model="gpt-5.1", input="canary-prompt", stream=streamed)
        return plain(list(answer)) if streamed else plain(answer)

    assert run(client) == run(bare)
    (event,) = sent()
    assert event["usage"] == {**RESPONSES, "service_tier": "flex"}
    assert event["usage_format"] == "openai.responses"


def test_response_in_the_background_counts_once(client, sent):
    queued = client.responses.create(model="gpt-5.1", input="x", background=True)
    for _ in range(3):
        client.responses.retrieve(queued.id)
    (event,) = sent()
    assert event["id"] == f"openai:response:{queued.id}"
    assert event["usage"]["output_tokens"] == 77


def test_embeddings_images_and_audio(client, bare, sent):
    for one in (client, bare):
        one.embeddings.create(model="text-embedding-3-small", input="canary")
        one.images.generate(model="gpt-image-1", prompt="canary")
        one.images.generate(model="dall-e-3", prompt="canary")
        one.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"sound"))
        assert (
            one.audio.speech.create(model="tts-1", voice="alloy", input="canary").read() == b"sound"
        )
    events = [(event["model"], event["operation"], event["usage"]) for event in sent()]
    assert events == [
        ("text-embedding-3-small", "embeddings", {"prompt_tokens": 8, "total_tokens": 8}),
        ("gpt-image-1", "image_generation", IMAGES),
        ("dall-e-3", "image_generation", {"units": 2, "unit": "image"}),
        ("whisper-1", "transcription", {"type": "duration", "seconds": 12}),
        ("tts-1", "speech", {"units": 6, "unit": "character"}),
    ]


def test_batch_counts_once_however_often_it_is_polled(client, sent):
    for _ in range(3):
        client.batches.retrieve("batch_1")
    (event,) = sent()
    assert event["id"] == "openai:batch:batch_1"
    assert event["time"] == "2025-11-01T12:26:40Z"
    assert event["usage_format"] == "openai.responses.batch"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_error_is_the_clients_own_and_recorded(client, bare, provider, sent, status):
    provider.fail = [status, status]
    raised = []
    for one in (client, bare):
        with pytest.raises(openai.APIStatusError) as found:
            one.chat.completions.create(**ASK)
        raised.append((type(found.value), str(found.value), found.value.status_code))
    assert raised[0] == raised[1]
    (event,) = sent()
    assert event["outcome"] == "error"
    assert "usage" not in event


def test_retries_are_recorded_each(provider, sdk, sent):
    provider.fail = [500, 429, 200]
    client = sdk.wrap(make(provider, max_retries=3))
    client._calculate_retry_timeout = lambda *_args: 0.0
    client.with_options(timeout=5).chat.completions.create(**ASK)
    events = sent()
    assert [event["outcome"] for event in events] == ["retried", "retried", "ok"]


def test_connection_error(sdk, sent):
    client = sdk.wrap(openai.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0))
    with pytest.raises(openai.APIConnectionError):
        client.chat.completions.create(**ASK)
    assert sent()[0]["outcome"] == "error"


def test_copies_are_wrapped_too(client, sent):
    client.with_options(timeout=3).copy().chat.completions.create(**ASK)
    assert len(sent()) == 1


async def test_async(provider, sdk, server):
    client = sdk.wrap(make(provider, "AsyncOpenAI"), stream_usage=True)
    bare = make(provider, "AsyncOpenAI")
    with sdk.attribute(customer="a"):
        answer = await client.chat.completions.create(**ASK)
    assert plain(answer) == plain(await bare.chat.completions.create(**ASK))
    streams = []
    for one in (client, bare):
        stream = await one.chat.completions.create(stream=True, **ASK)
        streams.append((type(stream), plain([chunk async for chunk in stream])))
    assert streams[0] == streams[1]
    raw = await client.chat.completions.with_raw_response.create(**ASK)
    assert raw.parse().usage.total_tokens == 1500
    await asyncio.to_thread(sdk.flush, 5)
    totals = [event["usage"]["total_tokens"] for event in server.events.values()]
    assert totals == [1500, 1500, 1500]


async def test_async_task_cancelled(provider, sdk, server):
    provider.slow = 5
    client = sdk.wrap(make(provider, "AsyncOpenAI"))
    task = asyncio.ensure_future(client.chat.completions.create(**ASK))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(sdk.flush, 5)
    assert [event["outcome"] for event in server.events.values()] == ["cancelled"]


def test_azure(provider, sdk, sent):
    client = sdk.wrap(
        openai.AzureOpenAI(
            api_key="k", azure_endpoint=provider.url, api_version="2026-01-01", max_retries=0
        )
    )
    client.chat.completions.create(**ASK)
    assert (sent()[0]["provider"], len(sent())) == ("azure", 1)


def test_instrument_counts_every_client_once_and_is_undone(provider, bare, sdk, sent):
    before = dict(vars(openai.OpenAI))
    sdk.instrument()
    bare.chat.completions.create(**ASK)
    sdk.wrap(make(provider)).chat.completions.create(**ASK)
    sdk.uninstrument()
    bare.chat.completions.create(**ASK)
    assert len(sent()) == 2
    assert dict(vars(openai.OpenAI)) == before


def test_a_server_that_repeats_its_ids_is_counted_each_time(client, provider, sent, monkeypatch):
    import provider as payloads

    monkeypatch.setattr(payloads.time, "time_ns", lambda: 1_700_000_000_000_000_000)
    for _ in range(3):
        client.chat.completions.create(**ASK)
    monkeypatch.undo()
    assert len(sent()) == 3
