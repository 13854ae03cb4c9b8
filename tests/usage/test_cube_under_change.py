"""The cube under what changes around it: the zone, names and other writers at the same time."""

import datetime as dt
import threading
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections

from billing.margin import margin
from customers.models import Customer
from tknops.calendar import Period
from usage.attribution import attribute
from usage.cube import fold, verify
from usage.models import UnfoldedBatch

NEAR_MIDNIGHT = (
    "2026-09-30T18:14:59Z", "2026-09-30T18:15:00Z", "2026-09-30T23:59:59.999999Z",
    "2026-10-01T00:00:00Z", "2026-10-01T03:59:59Z", "2026-10-01T04:00:00Z",
)  # fmt: skip
PERIOD = Period(dt.date(2026, 9, 1), dt.date(2026, 11, 1))


def days():
    rows = margin(by=["day", "month"], period=PERIOD).rows
    return {row.key: row.events for row in rows}


def expected(zone):
    found = {}
    for text in NEAR_MIDNIGHT:
        local = dt.datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
        key = (f"{local:%Y-%m-%d}", f"{local:%Y-%m}")
        found[key] = found.get(key, 0) + 1
    return found


@pytest.fixture
def sent(send, event):
    for number, time in enumerate(NEAR_MIDNIGHT):  # each a batch, with the months of its own only
        send([event(id=f"e-{number}", time=time)])


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
@pytest.mark.parametrize("folded_before", [False, True])
def test_events_received_under_another_zone_count_on_the_days_of_todays(
    sent, settings, zone, folded_before
):
    if folded_before:
        fold()
    settings.REPORTING_ZONE = ZoneInfo(zone)
    fold()
    assert days() == expected(zone)
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_name_committed_while_all_is_derived_is_not_missed(send, event):
    send([event()])
    fold()

    def name_it():
        with closing(connections["default"]):
            Customer.objects.create(external_id="acme", name="Acme")

    def after_the_derivation(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if "usage_attributionrun" in sql and not Customer.objects.exists():
            other = threading.Thread(target=name_it)
            other.start()
            other.join()
        return result

    with connection.execute_wrapper(after_the_derivation):
        attribute(reason="test")
    fold()
    assert [row.key for row in margin(by=["customer"], period=PERIOD).rows] == [("acme",)]


@pytest.mark.django_db(transaction=True)
def test_verifying_while_a_fold_is_under_way_waits_for_it(send, event):
    """The fold has registered its segment and not yet marked its batches when verify begins."""
    send([event()])
    answers = []

    def check():
        with closing(connections["default"]):
            answers.append(verify())

    checking = threading.Thread(target=check)

    def before_the_marks(execute, sql, params, many, context):
        if sql.startswith('DELETE FROM "usage_unfoldedbatch"') and not checking.ident:
            checking.start()
            checking.join(0.5)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(before_the_marks):
        assert fold() == 1
    checking.join(10)
    assert (answers, UnfoldedBatch.objects.count()) == ([[]], 0)
