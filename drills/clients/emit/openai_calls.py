"""Calls of the openai SDK."""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

import openai

Whose = Callable[[str], AbstractContextManager[None]]


def _asked(case: str) -> list[dict]:
    return [{"role": "user", "content": f"case:{case} a secret question"}]


def call(whose: Whose) -> None:
    """Make every kind of call, each for a case of its own."""
    client = openai.OpenAI(max_retries=0)
    _chats(client, whose)
    for case in ("responses", "responses-cached-thinking"):
        with whose(case):
            client.responses.create(model="gpt-5.1", input=_asked(case))
    case = "responses-stream-cached-thinking"
    with whose(case):
        list(client.responses.create(model="gpt-5.1", input=_asked(case), stream=True))
    case = "embeddings"
    with whose(case):
        client.embeddings.create(model="text-embedding-3-small", input=f"case:{case}")
    for case in ("chat-error-429", "chat-error-500"):
        with whose(case), contextlib.suppress(openai.APIStatusError):
            client.chat.completions.create(model="gpt-4o-mini", messages=_asked(case))
    case = "chat-retried-1"
    with whose(case):
        client.with_options(max_retries=2).chat.completions.create(
            model="gpt-4o-mini", messages=_asked(case)
        )
    asyncio.run(_asynchronous(whose))


def _chats(client: openai.OpenAI, whose: Whose) -> None:
    for case, model in (
        ("chat", "gpt-4o-mini"),
        ("chat-cached-thinking", "gpt-5.1"),
        ("chat-cached-written", "gpt-5.6-sol"),
    ):
        with whose(case):
            client.chat.completions.create(model=model, messages=_asked(case))
    for case, options in (
        ("chat-stream-cached-thinking", {"include_usage": True}),
        ("chat-stream-untold", openai.omit),
    ):
        with whose(case):
            list(
                client.chat.completions.create(
                    model="gpt-5.1", messages=_asked(case), stream=True, stream_options=options
                )
            )


async def _asynchronous(whose: Whose) -> None:
    client = openai.AsyncOpenAI(max_retries=0)
    case = "chat-async-cached"
    with whose(case):
        await client.chat.completions.create(model="gpt-5.1", messages=_asked(case))
    case = "chat-async-stream-cached"
    with whose(case):
        chunks = await client.chat.completions.create(
            model="gpt-5.1", messages=_asked(case), stream=True,
            stream_options={"include_usage": True},
        )  # fmt: skip
        async for _ in chunks:
            pass
    await client.close()
