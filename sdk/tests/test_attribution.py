"""Attribution holds where it was said: nested, decorated, in tasks, threads and pools."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import tknops_sdk
from tknops_sdk import _attribution, attribute, carry, propagate


def now():
    frame = _attribution.current()
    return dict(frame.fields) if frame else {}


def test_frames_nest_and_end():
    with attribute(customer="acme", tags={"a": 1, "b": "x"}):
        with attribute(feature="chat", tags={"b": "y"}):
            assert now() == {
                "customer": "acme", "feature": "chat", "tags": {"a": "1", "b": "y"},
            }  # fmt: skip
            with attribute(customer=""):
                assert now()["customer"] == ""
        assert now() == {"customer": "acme", "tags": {"a": "1", "b": "x"}}
    assert now() == {}


def test_ends_when_the_body_raises():
    try:
        with attribute(customer="acme"):
            raise KeyError
    except KeyError:
        pass
    assert now() == {}


def test_one_object_serves_many_threads():
    acme = attribute(customer="acme")
    wrong = []

    def work():
        for _ in range(200):
            with acme, attribute(feature="f"):
                if now() != {"customer": "acme", "feature": "f"}:
                    wrong.append(now())
            if now():
                wrong.append(now())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_decorates_functions_and_generators():
    @attribute(customer="acme")
    def plain():
        return now()["customer"]

    @attribute(customer="acme")
    def items():
        got = yield now()["customer"]
        yield (got, now()["customer"])

    assert plain() == "acme"
    generator = items()
    assert next(generator) == "acme"
    assert now() == {}  # nothing leaks out while it waits
    assert generator.send("sent") == ("sent", "acme")
    generator.close()


async def test_decorates_coroutines_and_async_generators():
    @attribute(customer="acme")
    async def plain():
        await asyncio.sleep(0)
        return now()["customer"]

    @attribute(customer="acme")
    async def items():
        yield now()["customer"]
        await asyncio.sleep(0)
        yield now()["customer"]

    assert await plain() == "acme"
    async for one in items():
        assert one == "acme"
        assert now() == {}


async def test_tasks_carry_their_own():
    async def work(name):
        with attribute(customer=name):
            await asyncio.sleep(0.001)
            return now()["customer"], await asyncio.to_thread(lambda: now()["customer"])

    names = [f"c{index}" for index in range(20)]
    assert await asyncio.gather(*map(work, names)) == [(name, name) for name in names]


def test_threads_and_executors_by_helpers():
    found = []
    with attribute(customer="acme"):
        thread = threading.Thread(target=propagate(lambda: found.append(now()["customer"])))
        pool = carry(ThreadPoolExecutor(1))
        future = pool.submit(now)
        mapped = pool.map(lambda _: now(), [1])
    thread.start()
    thread.join()
    assert found == ["acme"]
    assert future.result() == {"customer": "acme"}
    assert list(mapped) == [{"customer": "acme"}]
    assert pool.submit(now).result() == {}
    pool.shutdown()


def test_propagated_functions_can_be_pickled():
    import pickle

    with attribute(customer="acme"):
        bound = pickle.loads(pickle.dumps(propagate(len)))
    assert bound([1, 2]) == 2
    assert bound._fields == {"customer": "acme"}


def test_a_recorded_call_says_over_what_holds(sdk, sent):
    with attribute(customer="acme", team="t"):
        sdk.record("p", "m", {"input_tokens": 1}, customer="other", tags={"x": "y"})
        sdk.record("p", "m", {"input_tokens": 1})
    first, second = sent()
    assert (first["customer"], first["team"], first["tags"]) == ("other", "t", {"x": "y"})
    assert (second["customer"], second["team"]) == ("acme", "t")
    assert "tags" not in second
    assert tknops_sdk.stats()["created"] == 2
