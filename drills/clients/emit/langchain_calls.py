"""Calls of LangChain: models alone, streams, and chains whose spans stand around them."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

from langchain_anthropic import ChatAnthropic
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

Whose = Callable[[str], AbstractContextManager[None]]


def _config(case: str) -> dict:
    """Say whose it is, as LangChain's own metadata too."""
    return {"metadata": {"customer.id": "acme", "feature": "drill", "drill.case": case}}


def call(whose: Whose) -> None:
    """Make every kind of call, each for a case of its own."""
    openai = ChatOpenAI(model="gpt-5.1", max_retries=0)
    anthropic = ChatAnthropic(model="claude-sonnet-4-5", max_tokens=1024, max_retries=0)
    for case, model in (
        ("lc-openai-cached-thinking", openai),
        ("lc-anthropic-cached-written-thinking", anthropic),
        ("lc-responses-cached", ChatOpenAI(model="gpt-5.1", use_responses_api=True)),
    ):
        with whose(case):
            model.invoke(f"case:{case}", _config(case))
    for case, model in (
        ("lc-openai-stream-cached", ChatOpenAI(model="gpt-5.1", stream_usage=True)),
        ("lc-anthropic-stream-cached", anthropic),
    ):
        with whose(case):
            list(model.stream(f"case:{case}", _config(case)))
    _chain(openai, anthropic, whose)
    case = "lc-error-429"
    with whose(case), contextlib.suppress(Exception):
        openai.invoke(f"case:{case}", _config(case))
    case = "lc-embeddings"
    with whose(case):
        OpenAIEmbeddings(
            model="text-embedding-3-small", check_embedding_ctx_length=False
        ).embed_query(f"case:{case}")


def _chain(openai: ChatOpenAI, anthropic: ChatAnthropic, whose: Whose) -> None:
    first = ChatPromptTemplate.from_template("case:lc-chain-cached {question}") | openai
    second = ChatPromptTemplate.from_template("case:lc-chain-written {question}") | anthropic
    chain = first | RunnableLambda(lambda said: {"question": said.content}) | second
    with whose("lc-chain"):
        chain.invoke({"question": "a secret question"}, _config("lc-chain"))
    with whose("lc-batch"):
        openai.batch(["case:lc-batch-a", "case:lc-batch-b-cached"], _config("lc-batch"))
