"""What a process remembers, what that takes, and what it forgets first."""

import sys
import tracemalloc
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pytest

from billing.margin.memory import Memory, Room
from billing.margin.size import size_of


def answer(size):
    """Some bytes that with their key are of this size, more or less the key."""
    return bytes(size - sys.getsizeof(b""))


def test_the_least_used_of_all_memories_go_first():
    room = Room(lambda: 10_000)
    one, other = Memory(room), Memory(room)
    one.get("a", lambda: answer(3_000))
    other.get("a", lambda: answer(3_000))
    one.get("b", lambda: answer(3_000))
    assert one.get("a", lambda: b"anew") == answer(3_000)
    other.get("b", lambda: answer(3_000))
    there = [bool(memory.peek(key)) for memory in (one, other) for key in "ab"]
    assert (there, room.taken <= 10_000) == ([True, True, False, True], True)


def test_what_takes_more_than_half_is_not_remembered_and_pushes_nothing_out():
    memory = Memory(Room(lambda: 10_000))
    memory.get("a", lambda: "a")
    assert memory.get("huge", lambda: answer(6_000)) == answer(6_000)
    assert (memory.peek("huge"), memory.peek("a")) == (None, "a")


def test_made_twice_at_once_it_takes_its_room_once():
    room = Room(lambda: 10_000)
    memory = Memory(room)
    memory.get("a", lambda: memory.get("a", lambda: answer(4_000)))
    assert 4_000 < room.taken < 4_200
    memory.clear()
    assert (room.taken, memory.peek("a")) == (0, None)


def test_many_small_answers_do_not_take_more_than_their_room():
    room = Room(lambda: 50_000)
    memory = Memory(room)
    for number in range(1_000):
        memory.get((number, "customer"), lambda number=number: Decimal(number))
    held = [number for number in range(1_000) if memory.peek((number, "customer")) is not None]
    assert held == list(range(held[0], 1_000))
    assert 100 < len(held) < 500


@dataclass(frozen=True, slots=True)
class Row:
    key: tuple
    cost: Decimal
    tokens: dict


def rows(count):
    return [
        Row((f"customer-{n}", f"2026-{n:04}"), Decimal(n) / 7, {"input": n + 10**6, "output": n})
        for n in range(count)
    ]


def test_rows_take_what_the_interpreter_says_they_do():
    tracemalloc.start()
    made = rows(5_000)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size_of(made) == pytest.approx(taken, rel=0.2)
    by_key = {row.key: row.cost for row in made}
    assert size_of(by_key) > 5_000 * (sys.getsizeof(("a", "b")) + sys.getsizeof(Decimal(1)))


def test_what_rows_share_is_counted_about_once():
    shared = {"of": [answer(100_000), rows(10)]}
    made = [Row(("a", str(n)), Decimal(n), shared) for n in range(5_000)]
    assert 100_000 < size_of(made) < 2_500_000
    assert size_of(dict(enumerate(made))) < 2_500_000


def test_a_table_takes_its_buffers():
    table = pa.table({"n": pa.array(range(10_000), pa.int64())})
    assert size_of(table) == 80_000
    assert size_of([table, table]) < 81_000
