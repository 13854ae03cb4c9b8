"""Delivery step by step, on a clock of the test's own: nothing sleeps, no thread runs."""

import json
import os

import pytest
from server import Server

from tknops_sdk._client import Client
from tknops_sdk._delivery import tally
from tknops_sdk._delivery.answers import Answer
from tknops_sdk._settings import Settings

CALL = ("p", "m", None, None, None, None, None)


class World:
    """A client whose steps are taken by hand; `server` keeps what is posted."""

    def __init__(self, folder, **settings):
        self.now = 1_000.0
        self.status, self.headers, self.posted = 200, {}, []
        self.server = Server.__new__(Server)
        self.server.events, self.server.reject = {}, {}
        self.server.counting = __import__("threading").Lock()
        self.most = 10**9
        said = {"url": "http://s", "api_key": "k", "spool": str(folder), "spool_mib": 1, **settings}
        self.client = Client()
        self.client.settings = Settings(**said)
        self.client.make(post=self.post, monotonic=lambda: self.now, clock=lambda: self.now)
        self.client.threads.start = lambda: None
        self.delivery = self.client.delivery
        self.ledger = self.delivery.ledger

    def post(self, body, headers):
        events = json.loads(body)
        self.posted.append((len(events), dict(headers)))
        if len(events) > self.most:
            return Answer(413)
        if self.status != 200:
            return Answer(self.status, self.headers, b"{}")
        status, answer = self.server.take(events)
        return Answer(status, {}, json.dumps(answer).encode())

    def record(self, count=1, model="m"):
        for _ in range(count):
            self.client.record(("p", model, *CALL[2:]), {"input_tokens": 1}, {})

    def step(self, seconds=1.0):
        self.now += seconds
        self.delivery.collect()
        while self.delivery.deliver():
            pass
        self.check()

    def check(self):
        """Nothing is ever lost without a count."""
        ledger = self.ledger
        assert ledger.created.value() == ledger.settled + self.delivery.waiting


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def spooled(tmp_path):
    return sorted(path.name for path in tmp_path.rglob("*.events"))


def test_a_healthy_server_means_no_file(world, tmp_path):
    world.record(2500)
    world.step()
    assert [count for count, _ in world.posted] == [1000, 1000, 500]
    assert len(world.server.events) == 2500
    assert list(tmp_path.iterdir()) == []


def test_headers_number_the_events_so_that_gaps_show(world):
    world.record(3)
    world.step()
    headers = world.posted[0][1]
    assert headers["Tknops-Sdk-Sequence"] == "0-2"
    assert headers["Tknops-Sdk-Created"] == "3"
    assert headers["Tknops-Sdk"].startswith("python/")


@pytest.mark.parametrize("status", [0, 408, 425, 429, 500, 503, 401, 403, 404])
def test_an_outage_goes_to_disk_and_is_delivered_afterwards(world, tmp_path, status):
    world.status = status
    for _ in range(10):
        world.record(10)
        world.step()
    assert not world.delivery.store.queue
    assert world.delivery.waiting == 100
    assert len(spooled(tmp_path)) >= 1
    world.status = 200
    world.step(4000)
    assert len(world.server.events) == 100
    assert spooled(tmp_path) == []
    assert world.ledger.fates["stored"] == 100


def test_retry_after_is_a_minimum(world):
    world.status, world.headers = 429, {"retry-after": "50"}
    world.record()
    world.step()
    world.status = 200
    world.step(49)
    assert len(world.posted) == 1
    world.step(62)
    assert len(world.posted) == 2


def test_too_large_a_body_is_halved_until_it_fits(world):
    world.most = 100
    world.record(450)
    world.step()
    assert len(world.server.events) == 450
    assert world.ledger.fates["stored"] == 450


def test_rejected_events_are_dead_letters_and_the_others_stored(world, tmp_path):
    world.server.reject = {"bad": "model_missing"}
    world.record(2)
    world.record(1, model="bad")
    world.step()
    assert world.ledger.fates == {"stored": 2, "duplicate": 0, "conflict": 0, "rejected": 1}
    (letters,) = tmp_path.rglob("dead/*.jsonl")
    letter = json.loads(letters.read_text())
    assert (letter["code"], letter["event"]["model"]) == ("model_missing", "bad")


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_batch_is_dead_letters_with_a_count(world, tmp_path, status):
    world.status = status
    world.record(3)
    world.step()
    assert world.ledger.fates["rejected"] == 3
    (letters,) = tmp_path.rglob("dead/*.jsonl")
    assert len(letters.read_text().splitlines()) == 3


def test_a_full_queue_without_disk_drops_the_newest_and_says_so(tmp_path):
    world = World(tmp_path, spool=False, max_queue=50)
    world.status = 500
    world.record(80)
    world.step()
    world.record(10)
    world.check()
    dropped = world.ledger.dropped.values()
    assert dropped == {"queue_full": 30}
    world.status = 200
    world.step(4000)
    first = [int(name[-8:], 16) for name in world.server.events]
    assert first == [*range(50), *range(80, 90)]  # the oldest were kept
    world.record()
    world.step()
    assert world.posted[-1][1]["Tknops-Sdk-Dropped"] == "queue_full=30"


def test_a_full_spool_keeps_the_oldest_and_counts_the_rest(tmp_path):
    world = World(tmp_path, max_queue=100)
    world.status = 500
    for _ in range(400):
        world.record(50)
        world.step()
    dropped = world.ledger.dropped.values()
    assert dropped.keys() == {"spool_full"}
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.events")) <= 1024 * 1024
    world.status = 200
    for _ in range(10):
        world.step(4000)
    assert len(world.server.events) == 20_000 - dropped["spool_full"]
    numbers = sorted(int(name[-8:], 16) for name in world.server.events)
    assert numbers[:4000] == list(range(4000))
    assert world.posted[-1][1]["Tknops-Sdk-Dropped"] == f"spool_full={dropped['spool_full']}"


def test_what_is_too_old_is_dropped_and_counted(tmp_path):
    world = World(tmp_path, spool_days=1)
    world.status = 500
    world.record(5)
    world.step()
    world.status = 200
    world.step(2 * 86400)
    assert world.ledger.dropped.values() == {"spool_expired": 5}


def test_a_slow_answers_events_are_on_disk_meanwhile(world, tmp_path):
    world.record(3)
    world.now += 1
    taken = world.delivery._next()
    world.record(2)
    world.now += 1
    world.delivery.collect()
    lines = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*.events"))).splitlines()
    assert len(lines) == 5
    assert world.delivery.waiting == 5
    world.delivery._follow(taken, decide_for(world, taken))
    world.step()
    assert len(world.server.events) == 5
    assert world.ledger.fates["stored"] == 5
    assert spooled(tmp_path) == []


def decide_for(world, work):
    from tknops_sdk._delivery.answers import decide

    answer = world.post(b"[" + b",".join(work.events) + b"]", {})
    return decide(answer, len(work.events))


def test_torn_and_changed_records_are_skipped_and_counted(world, tmp_path):
    world.status = 500
    world.record(5)
    world.step()
    (path,) = tmp_path.rglob("*.events")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0].replace(b"input", b"iNput") + b"".join(lines[1:4]) + lines[4][:40])
    world.status = 200
    world.step(4000)
    assert len(world.server.events) == 3
    assert world.ledger.dropped.values() == {"spool_torn": 2}
    assert "spool_torn" in world.client.troubles.counts.values()


def test_an_ended_processs_events_are_taken_over_by_one_other(tmp_path):
    first = World(tmp_path)
    first.status = 500
    first.record(7)
    first.step()
    second = World(tmp_path)
    second.step()
    assert second.server.events == {}  # its owner lives
    first.delivery.store.spool.let_go()
    second.record(1)
    second.step(4000)
    assert len(second.server.events) == 8
    assert second.ledger.adopted["stored"] == 7
    assert second.ledger.fates["stored"] == 1
    second.step(4000)
    assert spooled(tmp_path) == []
    process = {headers["Tknops-Sdk-Process"] for count, headers in second.posted if count == 7}
    assert process == {first.ledger.identity.process}


def test_disk_full_keeps_events_in_memory(world, monkeypatch):
    from tknops_sdk._delivery._spool import folder

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder.records, "write_whole", full)
    world.status = 500
    world.record(10)
    world.step()
    world.step()
    assert world.delivery.waiting == 10
    world.status = 200
    world.step(4000)
    assert len(world.server.events) == 10


def test_a_part_written_is_taken_back(tmp_path, monkeypatch):
    import os

    from tknops_sdk._delivery._spool import records

    path = tmp_path / "segment"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    records.write_whole(descriptor, records.packed([b"{}"]))
    real = os.write
    once = iter([lambda fd, data: real(fd, bytes(data)[:5])])

    def partly(fd, data):
        step = next(once, None)
        if step is None:
            raise OSError(28, "No space left on device")
        return step(fd, data)

    monkeypatch.setattr(os, "write", partly)
    with pytest.raises(OSError, match="No space"):
        records.write_whole(descriptor, records.packed([b'{"a":1}']))
    monkeypatch.undo()
    os.close(descriptor)
    assert list(records.read(path)) == [b"{}"]


def test_conflicts_and_duplicates_are_counted(world):
    world.client.record(CALL, {"input_tokens": 1}, {"id": "same", "time": "2026-01-01T00:00:00Z"})
    world.client.record(CALL, {"input_tokens": 1}, {"id": "same", "time": "2026-01-01T00:00:00Z"})
    world.client.record(CALL, {"input_tokens": 2}, {"id": "same", "time": "2026-01-01T00:00:00Z"})
    world.step()
    assert world.ledger.fates == {"stored": 1, "duplicate": 1, "conflict": 1, "rejected": 0}


def test_rescue_brings_everything_to_disk(world, tmp_path):
    world.record(4)
    world.delivery._next()
    world.record(3)
    world.delivery.rescue()
    lines = b"".join(path.read_bytes() for path in tmp_path.rglob("*.events")).splitlines()
    assert len(lines) == 7
    assert world.delivery.waiting == 7


def ended(world):
    """What the server was told of processes that ended: process and how many they made."""
    return [
        (headers["Tknops-Sdk-Process"], int(headers["Tknops-Sdk-Created"]))
        for _, headers in world.posted
        if headers.get("Tknops-Sdk-Ended")
    ]


def test_the_next_process_tells_how_far_a_killed_one_came(tmp_path):
    killed = World(tmp_path)
    killed.record(1200)
    killed.step()
    killed.record(7)
    killed.client.not_taken, name = None, killed.ledger.identity.process
    after = World(tmp_path)
    after.step()
    assert ended(after) == []  # it lives: its tally is locked
    killed.delivery.let_go()  # as its end does, however it ends
    after.step(61)
    assert ended(after) == [(name, 1207)]
    after.step(61)
    assert len(ended(after)) == 1


def test_own_events_go_to_disk_while_the_server_is_slow_to_hear_of_others(tmp_path):
    killed = World(tmp_path)
    killed.record(5)
    killed.delivery.let_go()
    after, post = World(tmp_path), None

    def slow(body, headers):
        if headers.get("Tknops-Sdk-Ended"):
            after.record(30)
            after.now += 1
            after.delivery.collect()  # the other thread's step
            assert len(spooled(tmp_path)) == 1
            assert not after.delivery.store.queue
        return post(body, headers)

    post, after.delivery._post = after.delivery._post, slow
    after.step()
    assert ended(after) == [(killed.ledger.identity.process, 5)]
    assert len(after.server.events) == 30


def test_others_are_told_of_though_own_events_never_pause(tmp_path):
    killed = World(tmp_path)
    killed.record(5)
    killed.delivery.let_go()
    after = World(tmp_path)
    for _ in range(3):
        after.record(1)
        after.delivery.deliver()
    assert len(ended(after)) == 1
    assert len(after.server.events) == 3


def test_it_is_told_only_when_nothing_of_it_waits_on_disk(tmp_path):
    killed = World(tmp_path)
    killed.status = 503
    killed.record(5)
    killed.step()
    killed.record(2)
    killed.delivery.let_go()
    after = World(tmp_path)
    after.status = 503
    after.step()
    assert ended(after) == []
    after.status = 200
    after.step(4000)
    assert [count for count, _ in after.posted[-2:]] == [5, 0]
    assert ended(after) == [(killed.ledger.identity.process, 7)]


def test_a_process_whose_events_were_all_answered_is_not_told_of(tmp_path):
    first = World(tmp_path)
    first.record(3)
    first.step()
    first.delivery.let_go()
    second = World(tmp_path)
    second.record(1)
    second.step()
    assert [count for count, _ in second.posted] == [1]
    assert second.delivery.has_siblings is False


def test_a_process_that_leaves_with_all_told_leaves_nothing(tmp_path):
    world = World(tmp_path)
    world.record(3)
    world.step()
    assert [path.name for path in tally.ROOT.rglob("7*")] == [world.ledger.identity.process]
    world.delivery.end_tally()
    world.delivery.leave()
    assert list(tally.ROOT.rglob("7*")) == []


def test_a_folder_open_to_others_is_not_used(tmp_path):
    home = tally.ROOT / f"tknops-sdk-{os.getuid()}"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    world = World(tmp_path)
    world.record(3)
    world.step()
    assert world.delivery.tally is None
    assert world.ledger.fates["stored"] == 3
