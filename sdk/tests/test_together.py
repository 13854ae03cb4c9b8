"""together speaks OpenAI's format under its own name."""

import pytest
from provider import CHAT, Provider

together = pytest.importorskip("together")
ASK = {"model": "m/llama", "messages": [{"role": "user", "content": "canary-prompt"}]}


def test_chat_streamed_and_failed(sdk, sent):
    provider = Provider()
    client = sdk.wrap(together.Together(api_key="k", base_url=provider.url, max_retries=0))
    assert client.chat.completions.create(**ASK).usage.total_tokens == 1500
    list(client.chat.completions.create(stream=True, **ASK))
    provider.fail = [500]
    with pytest.raises(together.APIStatusError):
        client.chat.completions.create(**ASK)
    provider.stop()
    events = sent()
    assert [event["outcome"] for event in events] == ["ok", "ok", "error"]
    assert [event["usage"]["total_tokens"] for event in events[:2]] == [CHAT["total_tokens"]] * 2
    assert {event["provider"] for event in events} == {"together"}
