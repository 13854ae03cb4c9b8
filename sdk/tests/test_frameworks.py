"""Frameworks with their real libraries: usage once, whose it is from metadata, request or task."""

import asyncio
import json

import pytest
from provider import Provider


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


# The frameworks warn of each other and of their own making.
pytestmark = pytest.mark.filterwarnings("ignore")


def whose(events):
    return sorted((event.get("customer"), event["outcome"]) for event in events)


@pytest.fixture
def chat(provider):
    module = pytest.importorskip("langchain_openai")
    return module.ChatOpenAI(
        model="gpt-5.1", api_key="k", base_url=f"{provider.url}/v1", max_retries=0,
        stream_usage=True, use_responses_api=False,
    )  # fmt: skip


def test_langchain(chat, provider, sdk, sent):
    from tknops_sdk.integrations.langchain import TknopsCallback

    said = {"callbacks": [TknopsCallback(tags=["release"])],
            "metadata": {"customer_id": "acme", "release": "v1"}}  # fmt: skip
    chat.invoke("canary-prompt", said)
    chat.batch(["a", "b"], said)
    list(chat.stream("canary", said))
    with sdk.attribute(customer="held"):
        asyncio.run(chat.ainvoke("canary", {"callbacks": said["callbacks"]}))
    provider.fail = [500]
    with pytest.raises(Exception, match="500"):
        chat.invoke("canary", said)
    events = sent()
    assert whose(events) == [
        ("acme", "error"), ("acme", "ok"), ("acme", "ok"), ("acme", "ok"), ("acme", "ok"),
        ("held", "ok"),
    ]  # fmt: skip
    for event in events:
        if event["outcome"] == "ok":
            assert (event["provider"], event["usage_format"]) == ("openai", "langchain")
            assert event["model"] == "gpt-5.1-2026-01-01"
            assert (event["usage"]["input_tokens"], event["usage"]["output_tokens"]) == (1200, 300)
            assert event["usage"]["input_token_details"]["cache_read"] == 1024
    assert events[0]["tags"] == {"release": "v1"}


def test_langchain_over_an_instrumented_client_counts_once(chat, sdk, sent):
    from tknops_sdk.integrations.langchain import TknopsCallback

    sdk.instrument()
    chat.invoke("x", {"callbacks": [TknopsCallback()]})
    assert len(sent()) == 1
    assert sdk.stats()["told_twice"] == 1


def test_langchain_counts_choices_of_one_answer_once_and_prompts_each(sdk, sent):
    pytest.importorskip("langchain_core")
    from langchain_core.messages import AIMessage
    from langchain_core.outputs import ChatGeneration, LLMResult

    from tknops_sdk.integrations.langchain import TknopsCallback

    def choice(name, count):
        usage = {"input_tokens": count, "output_tokens": 1, "total_tokens": count + 1}
        return ChatGeneration(message=AIMessage("canary", id=name, usage_metadata=usage))

    result = LLMResult(generations=[
        [choice("chatcmpl-0123456789", 5), choice("chatcmpl-0123456789", 5)],
        [choice("lc_run-1", 7), choice("lc_run-2", 8)],
    ])  # fmt: skip
    TknopsCallback().on_llm_end(result, run_id="r")
    assert [event["usage"]["input_tokens"] for event in sent()] == [5, 7, 8]


def test_litellm(provider, sdk, sent, monkeypatch):
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    litellm = pytest.importorskip("litellm")
    from tknops_sdk.integrations.litellm import TknopsLogger

    monkeypatch.setattr(litellm, "callbacks", [TknopsLogger()])
    said = {"model": "openai/gpt-4o", "api_base": f"{provider.url}/v1", "api_key": "k",
            "messages": [{"role": "user", "content": "canary"}], "num_retries": 0}  # fmt: skip
    with sdk.attribute(customer="held", feature="f"):
        litellm.completion(**said)

    async def once():
        await litellm.acompletion(**said, metadata={"customer_id": "acme"})
        await asyncio.sleep(1)  # LiteLLM logs in a task of its own

    asyncio.run(once())
    provider.fail = [400]
    with pytest.raises(litellm.BadRequestError):
        litellm.completion(**said)
    import time

    end = time.monotonic() + 10
    while time.monotonic() < end and len(sent()) < 3:
        time.sleep(0.05)
    events = sent()
    assert whose([e for e in events if "customer" in e]) == [("acme", "ok"), ("held", "ok")]
    assert sorted(event["outcome"] for event in events) == ["error", "ok", "ok"]
    ok = next(event for event in events if event["outcome"] == "ok")
    assert (ok["provider"], ok["usage_format"]) == ("openai", "litellm")
    assert ok["usage"]["prompt_tokens_details"]["cached_tokens"] == 1024


def test_openai_agents(sdk, sent):
    agents = pytest.importorskip("agents")
    from openai.types.responses import Response
    from provider import response

    from tknops_sdk.integrations.openai_agents import TknopsProcessor

    agents.set_trace_processors([TknopsProcessor()])
    with agents.trace("run", metadata={"customer": "acme"}):
        with agents.custom_span("tool"):
            pass
        with agents.response_span(Response.construct(**response("gpt-5.1"))):
            pass
    agents.set_trace_processors([])
    (event,) = sent()
    assert (event["customer"], event["model"]) == ("acme", "gpt-5.1")


def test_opentelemetry_counts_the_innermost_span_and_names_whose_it_is(sdk, sent):
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    from tknops_sdk.integrations.opentelemetry import TknopsSpanProcessor

    provider = trace.TracerProvider()
    provider.add_span_processor(TknopsSpanProcessor())
    tracer = provider.get_tracer("t")
    usage = {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 3}
    said = {"gen_ai.system": "openai", "gen_ai.request.model": "m", "gen_ai.prompt": "canary"}
    with sdk.attribute(customer="acme"), tracer.start_as_current_span("agent") as outer:
        outer.set_attributes({**usage, **said, "gen_ai.operation.name": "invoke_agent"})
        with tracer.start_as_current_span("chain") as middle:
            middle.set_attributes({**usage, **said})
            with tracer.start_as_current_span("chat") as inner:
                inner.set_attributes({**usage, **said, "gen_ai.operation.name": "chat"})
    assert inner.attributes["tknops.customer"] == "acme"
    (event,) = sent()
    assert (event["customer"], event["usage_format"]) == ("acme", "otel")
    assert event["usage"] == {"input_tokens": 10, "output_tokens": 3}


async def test_asgi():
    from tknops_sdk import _attribution
    from tknops_sdk.integrations.asgi import AttributionMiddleware

    async def app(scope, receive, send):
        await asyncio.sleep(0)
        scope["found"] = dict(_attribution.current().fields)

    scope = {"type": "http", "headers": [(b"x-customer", b"acme")]}
    read = AttributionMiddleware(
        app, lambda s: {"customer": dict(s["headers"])[b"x-customer"].decode()}
    )
    await read(scope, None, None)
    assert scope["found"] == {"customer": "acme"}
    await AttributionMiddleware(app, lambda _: 1 / 0)(scope, None, None)
    assert scope["found"] == {}
    assert _attribution.current() is None


def test_fastapi(sdk, sent):
    fastapi = pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    from fastapi.testclient import TestClient
    from starlette.responses import StreamingResponse

    from tknops_sdk.integrations.asgi import AttributionMiddleware

    app = fastapi.FastAPI()
    app.add_middleware(
        AttributionMiddleware,
        attribution=lambda scope: {"customer": scope["query_string"].decode()},
    )

    @app.get("/sync")
    def sync():
        sdk.record("p", "m", {"input_tokens": 1})

    @app.get("/stream")
    async def stream():
        async def body():
            yield b"a"
            sdk.record("p", "m", {"input_tokens": 2})

        return StreamingResponse(body())

    client = TestClient(app)
    client.get("/sync?acme")
    client.get("/stream?globex")
    assert [event["customer"] for event in sent()] == ["acme", "globex"]


def test_flask(sdk, sent):
    flask = pytest.importorskip("flask")
    from tknops_sdk import _attribution
    from tknops_sdk.integrations.flask import attribute_requests

    app = flask.Flask("t")
    attribute_requests(app, lambda: {"customer": flask.request.args["c"]})

    @app.get("/")
    def view():
        sdk.record("p", "m", {"input_tokens": 1})
        return "x"

    for name in ("acme", "globex"):
        app.test_client().get(f"/?c={name}")
    assert [event["customer"] for event in sent()] == ["acme", "globex"]
    assert _attribution.current() is None


def test_django(sdk, sent):
    django = pytest.importorskip("django")
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True,
            MIDDLEWARE=["tknops_sdk.integrations.django.AttributionMiddleware"],
            TKNOPS_ATTRIBUTION=lambda request: {"customer": request.GET["c"]},
        )  # fmt: skip
        django.setup()
    from django.http import HttpResponse, StreamingHttpResponse
    from django.test import Client
    from django.urls import path

    def plain(_request):
        sdk.record("p", "m", {"input_tokens": 1})
        return HttpResponse()

    def stream(_request):
        def body():
            yield b"a"
            sdk.record("p", "m", {"input_tokens": 1})

        return StreamingHttpResponse(body())

    globals()["urlpatterns"] = [path("plain", plain), path("stream", stream)]
    client = Client()
    client.get("/plain?c=acme")
    b"".join(client.get("/stream?c=globex").streaming_content)
    assert [event["customer"] for event in sent()] == ["acme", "globex"]


def test_celery(sdk, sent, tmp_path):
    celery = pytest.importorskip("celery")
    from celery.contrib.testing.worker import start_worker

    from tknops_sdk.integrations.celery import connect

    app = celery.Celery("t", broker="memory://", backend="cache+memory://")
    connect(lambda task, _args, _kwargs: {"feature": task.name})

    @app.task(name="summarise")
    def work():
        sdk.record("p", "m", {"input_tokens": 1})

    with start_worker(app, perform_ping_check=False, pool="solo"):
        with sdk.attribute(customer="acme"):
            result = work.delay()
        result.get(timeout=10)
    (event,) = sent()
    assert (event["customer"], event["feature"]) == ("acme", "summarise")
    assert json.dumps(event)
