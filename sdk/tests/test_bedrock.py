"""boto3's bedrock-runtime: converse and invoke, whole and streamed."""

import pytest
from provider import BEDROCK, Provider

boto3 = pytest.importorskip("boto3")
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ASK = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "canary-prompt"}]}]}


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


def make(provider):
    from botocore.config import Config

    return boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=provider.url,
        aws_access_key_id="AKIACANARY", aws_secret_access_key="canary",
        config=Config(retries={"total_max_attempts": 2}),
    )  # fmt: skip


def plain(answer):
    return {
        key: value for key, value in answer.items() if key not in {"ResponseMetadata", "stream"}
    }


def test_converse_whole_and_streamed(provider, sdk, sent):
    client, bare = sdk.wrap(make(provider)), make(provider)
    assert type(client).__name__ == type(bare).__name__
    assert plain(client.converse(**ASK)) == plain(bare.converse(**ASK))
    streams = [one.converse_stream(**ASK)["stream"] for one in (client, bare)]
    assert type(streams[0]) is type(streams[1])
    assert list(streams[0]) == list(streams[1])
    first, second = sent()
    assert first["usage"] == {**BEDROCK, "serviceTier": {"type": "priority"}}
    assert second["usage"] == BEDROCK
    assert {event["model"] for event in (first, second)} == {MODEL}
    assert {event["usage_format"] for event in (first, second)} == {"bedrock"}


def test_stream_let_go_of_is_cancelled(provider, sdk, sent):
    stream = sdk.wrap(make(provider)).converse_stream(**ASK)["stream"]
    next(iter(stream))
    stream.close()
    assert sent()[0]["outcome"] == "cancelled"


def test_invoke_reads_headers_and_metrics_never_the_body(provider, sdk, sent):
    client = sdk.wrap(make(provider))
    answer = client.invoke_model(modelId=MODEL, body=b"{}")
    assert b"canary" in answer["body"].read()
    stream = client.invoke_model_with_response_stream(modelId=MODEL, body=b"{}")["body"]
    assert len(list(stream)) == 2
    counts = {"inputTokens": 18, "outputTokens": 386}
    assert [event["usage"] for event in sent()] == [counts, counts]


def test_error_and_retry(provider, sdk, sent):
    client = sdk.wrap(make(provider))
    provider.fail = [400]
    with pytest.raises(client.exceptions.ClientError):
        client.converse(**ASK)
    provider.fail = [500]
    client.converse(**ASK)
    assert [event["outcome"] for event in sent()] == ["error", "retried", "ok"]


def test_instrument(provider, sdk, sent):
    sdk.instrument()
    make(provider).converse(**ASK)
    sdk.uninstrument()
    make(provider).converse(**ASK)
    assert len(sent()) == 1
