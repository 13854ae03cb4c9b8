"""The short ways of the usual case agree with the long ways they stand for."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from usage.ingest.circumstances import SILENT, circumstances, usual_circumstances
from usage.ingest.errors import EventError
from usage.ingest.event import Event, Usage
from usage.ingest.moment import _any, _usual
from usage.ingest.posting import usage_months
from usage.sources import Part
from usage.tokens import QUANTITIES

UTC = dt.UTC
_PLACES = st.sampled_from([27, 30]).flatmap(
    lambda size: st.text(alphabet="0123456789-+:.,TZ W", min_size=size, max_size=size)
)
_MOMENTS = st.integers(0, 2 * 366 * 86_400 * 10**6).map(
    lambda n: dt.datetime(2025, 1, 1, tzinfo=UTC) + dt.timedelta(microseconds=n)
)


def _shaped(places):
    text = list(places)
    for at, sign in ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (-1, "Z")):
        text[at] = sign
    return "".join(text)


def _long_way(text):
    try:
        return _any(text)
    except EventError as error:
        return error.code


@given(_PLACES.map(_shaped))
@example("2026-10-05T14:03:21.123456Z")
@example("2026-10-05T14:03:21.123456789Z")
@example("2026-10-05T14:03:21.123456000Z")
@example("2026-10-05T14:03:21.123456 00Z")
@example("2026-10-05T14:03:21.123456７89Z")
@example("2026-10-05T24:00:00.000000Z")
@example("2026-02-30T14:03:21.123456Z")
@example("2026-10-05T14:03:60.000000Z")
@example("2026-10-05T14:03:21.123-01Z")
@example("2026-10-05T14:03:21.12+0:0Z")
@example("2026-10-05T14:03:21.12345６Z")
def test_the_usual_shape_of_time_reads_as_any_shape_does(text):
    if (found := _usual(text)) is not None:
        assert found == _long_way(text)


@given(_MOMENTS)
def test_the_usual_shape_is_taken(moment):
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert _usual(text) == (moment, False) == _any(text)


@given(st.lists(_MOMENTS, max_size=5), st.sampled_from(["UTC", "America/Lima", "Asia/Tokyo"]))
def test_months_told_by_both_ends_are_those_of_each_moment(moments, name):
    zone = ZoneInfo(name)
    each = {moment.astimezone(zone).date().replace(day=1) for moment in moments}
    assert usage_months(moments, zone) == each


def test_counts_come_first_in_a_usage_in_the_order_of_the_quantities():
    assert Usage.__struct_fields__[: len(QUANTITIES)] == QUANTITIES


def test_remembered_circumstances_are_those_put_together_anew():
    base = Event(id="a", time="", provider="OpenAI", model="m", customer="c", tags={"b": "1"})
    changes = [
        {}, {"provider": "x"}, {"model": "n"}, {"service_tier": "t"}, {"region": "r"},
        {"customer": "d"}, {"user": "u"}, {"feature": "f"}, {"team": "t"}, {"environment": "e"},
        {"operation": "o"}, {"outcome": "error"}, {"tags": None}, {"tags": {"b": "2"}},
        {"tags": {"c": "1"}}, {"tags": {"b": "1", "a": "0"}}, {"id": "z"},
    ]  # fmt: skip
    for _ in range(2):
        for change in changes:
            event = msgspec.structs.replace(base, **change)
            for unit in ("", "page"):
                for said in (SILENT, Part({}, model="used"), Part({}, service_tier="flex")):
                    expected = circumstances(event, event, said, unit)
                    assert usual_circumstances(event, said, unit) == expected
    assert usual_circumstances(base, SILENT, "").tags == (("b", "1"),)
