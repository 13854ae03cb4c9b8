"""google-genai: content whole and streamed, sync and async, errors."""

import asyncio

import pytest
from provider import GEMINI, Provider

genai = pytest.importorskip("google.genai")


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


def make(provider):
    return genai.Client(api_key="canary-key", http_options={"base_url": provider.url})


def plain(answer):
    found = answer.model_dump(exclude={"sdk_http_response", "response_id"})
    found.pop("parsed", None)
    return found


ASK = {"model": "gemini-2.5-pro", "contents": "canary-prompt"}


def check(event, *, outcome="ok"):
    assert event["outcome"] == outcome
    assert (event["provider"], event["usage_format"]) == ("google", "gemini")
    usage = event["usage"]
    assert usage["modelVersion"] == "gemini-2.5-pro-001"
    assert usage["prompt_token_count"] == GEMINI["promptTokenCount"]
    assert usage["cached_content_token_count"] == 800
    assert usage["candidates_token_count"] == 104
    assert usage["thoughts_token_count"] == 989
    assert usage["prompt_tokens_details"] == [
        {"modality": "TEXT", "token_count": 742}, {"modality": "IMAGE", "token_count": 258},
    ]  # fmt: skip


def test_content(provider, sdk, sent):
    client, bare = sdk.wrap(make(provider)), make(provider)
    assert type(client) is type(bare)
    answers = [plain(one.models.generate_content(**ASK)) for one in (client, bare)]
    assert answers[0] == answers[1]
    client.chats.create(model="gemini-2.5-pro").send_message("canary")
    events = sent()
    assert len(events) == 2
    for event in events:
        check(event)


def test_stream_takes_the_last_usage(provider, sdk, sent):
    streams = []
    for one in (sdk.wrap(make(provider)), make(provider)):
        stream = one.models.generate_content_stream(**ASK)
        streams.append([plain(chunk) for chunk in stream])
    assert streams[0] == streams[1]
    check(sent()[0])
    assert len(sent()) == 1


def test_stream_let_go_of_is_cancelled(provider, sdk, sent):
    client = sdk.wrap(make(provider))
    stream = client.models.generate_content_stream(**ASK)
    next(stream)
    stream.close()
    (event,) = sent()
    assert event["outcome"] == "cancelled"
    assert event["usage"]["candidates_token_count"] == 4


def test_error(provider, sdk, sent):
    provider.fail = [400]
    client = sdk.wrap(make(provider))
    with pytest.raises(genai.errors.ClientError):
        client.models.generate_content(**ASK)
    assert sent()[0]["outcome"] == "error"


def test_instrument(provider, sdk, sent):
    client = make(provider)
    sdk.instrument()
    client.models.generate_content(**ASK)
    sdk.uninstrument()
    client.models.generate_content(**ASK)
    assert len(sent()) == 1


async def test_async(provider, sdk, server):
    client = sdk.wrap(make(provider))
    await client.aio.models.generate_content(**ASK)
    async for _ in await client.aio.models.generate_content_stream(**ASK):
        pass
    await asyncio.to_thread(sdk.flush, 5)
    events = list(server.events.values())
    assert len(events) == 2
    for event in events:
        check(event)
