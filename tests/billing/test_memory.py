"""What a process remembers, and what it forgets first."""

from billing.margin.memory import Memory


def remember(memory, key, weight, made):
    return memory.get(key, lambda: made, lambda _: weight)


def test_the_least_used_go_first_and_small_answers_weigh_more_than_their_rows():
    memory = Memory(limit=100)
    for key in "abcd":
        remember(memory, key, 5, key)
    assert remember(memory, "a", 5, "anew") == "a"
    remember(memory, "e", 5, "e")
    assert [memory.peek(key) for key in "abcde"] == ["a", None, "c", "d", "e"]


def test_what_outweighs_all_is_not_remembered_and_pushes_nothing_out():
    memory = Memory(limit=100)
    remember(memory, "a", 1, "a")
    assert remember(memory, "huge", 1_000, "huge") == "huge"
    assert (memory.peek("huge"), memory.peek("a")) == (None, "a")


def test_made_twice_at_once_it_weighs_once():
    memory = Memory(limit=100)
    memory.get("a", lambda: remember(memory, "a", 30, "inner"), lambda _: 30)
    remember(memory, "b", 30, "b")
    assert (memory.peek("a"), memory.peek("b")) == ("inner", "b")
