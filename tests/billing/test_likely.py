"""Whose a group of calls likely is, by the others with its value: pure, by table."""

import pytest

from billing.reports.likely import Certainty, Known

NAMES = {"a": "Acme", "b": "Beta"}
TENANTS = [("ac-1", "a", 5), ("ac-2", "a", 5), ("be-1", "b", 5), ("shared", "a", 300)]


@pytest.mark.parametrize(
    ("rows", "value", "events", "found"),
    [
        pytest.param(TENANTS, "be-1", 10, ("b", Certainty.LIKELY), id="a field that tells apart"),
        pytest.param(TENANTS, "be-1", 501, ("b", Certainty.GUESS), id="by 1 % of its calls"),
        pytest.param(TENANTS, "ac-9", 10, ("a", Certainty.LIKELY), id="by its beginning"),
        pytest.param(TENANTS, "be-9", 10, None, id="a beginning of one value only"),
        pytest.param(TENANTS, "zz-9", 10, None, id="nothing known"),
        pytest.param([("x", "a", 9)], "x", 1, ("a", Certainty.GUESS), id="one customer in all"),
        pytest.param(
            [("x", "a", 9), ("y", "b", 9), ("z", "a", 1), ("z", "b", 1)], "x", 1,
            ("a", Certainty.GUESS), id="one in ten of anybody's",
        ),
        pytest.param(
            [("x", "a", 9), ("y", "b", 9), ("z", "a", 1), ("z", "b", 1)], "z", 1, None,
            id="several have it",
        ),
        pytest.param(
            [*TENANTS, ("ac-3", "b", 1)], "ac-9", 1, None, id="a beginning of several customers",
        ),
    ],
)  # fmt: skip
def test_the_likely_owner_and_how_sure_it_is(rows, value, events, found):
    one = Known("tag tenant", rows).of(value, events, NAMES)
    assert (one and (one.target, one.certainty)) == found


def test_an_end_user_is_one_persons_whatever_the_field_tells():
    rows = [("ann", "a", 3), ("bot", "a", 9), ("bot", "b", 9)]
    one = Known("end user", rows, personal=True).of("ann", 2, NAMES)
    assert (one.target, one.certainty) == ("a", Certainty.SURE)
    assert one.reason == "all 3 other calls with this end user are Acme's"


def test_what_a_value_says_itself_gives_way_to_what_is_known_of_it():
    known = Known("tag", TENANTS)
    assert known.allows("unheard-of", "a")
    assert known.allows("be-1", "b")
    assert not known.allows("be-1", "a")
    assert Known("tag", ()).allows("a", "a")
    assert not Known("tag", [("1", "a", 1), ("1", "b", 1)]).allows("2", "a")
