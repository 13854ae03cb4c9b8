"""From nothing to the first margin: where the sign-in leads, and what each page leads on to."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from billing.roles import ensure_roles
from usage.cube import fold
from usage.keys import create_key
from usage.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    ensure_roles()

    def sign(role):
        user = get_user_model().objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return sign


@pytest.mark.parametrize(
    ("role", "empty", "filled"),
    [
        ("Viewer", "overview", "overview"),
        ("Analyst", "overview", "overview"),
        ("Finance admin", "setup", "overview"),
        ("Auditor", "overview", "overview"),
        ("Security admin", "data-health", "data-health"),
    ],
)
def test_sign_in_leads_each_role_to_a_page_it_may_open(sign_in, send, event, role, empty, filled):
    client = sign_in(role)
    assert client.get("/admin/", follow=True).redirect_chain == [(f"/admin/{empty}", 302)]
    send(event())
    answer = client.get("/admin/", follow=True)
    assert (answer.status_code, answer.redirect_chain) == (200, [(f"/admin/{filled}", 302)])


def test_an_old_month_with_usage_is_offered_chosen_and_named(sign_in, send, event, prices):
    send(event(time="2021-03-05T10:00:00Z"))
    fold()
    client = sign_in("Viewer")
    page = client.get("/admin/overview").content.decode()
    assert 'href="?month=2021-03">Show March 2021</a>' in page
    assert '<option value="2021-03">March 2021</option>' in page
    page = client.get("/admin/overview?month=2019-07").content.decode()
    assert '<option value="2019-07" selected>July 2019</option>' in page


def test_the_page_of_a_key_waits_for_an_event_sent_with_it(sign_in, send, event, source):
    client = sign_in("Security admin")
    send(event())
    create_key(source=source, scopes=["events:write"], now=timezone.now())
    used, unused = ApiKey.objects.order_by("pk").values_list("pk", flat=True)
    url = reverse("pages:first-event")
    answers = [client.get(f"{url}?key={key}").json()["received"] for key in (used, unused)]
    assert answers == [True, False]
    assert client.get(url).json() == {"received": True}


def test_the_setup_leads_to_the_newest_complete_month_though_the_running_one_has_usage(
    sign_in, send, event, prices
):
    send([event(time="2021-03-05T10:00:00Z")])
    fold()
    send([event(id="e-2", time=timezone.now().isoformat())])
    fold()
    page = sign_in("Finance admin").get("/admin/setup").content.decode()
    assert 'href="/admin/customers?month=2021-03">Open customers</a>' in page


def test_a_month_with_revenue_alone_says_that_its_usage_is_missing(
    sign_in, send, event, prices, import_bytes
):
    import_bytes(
        b"external_customer_id,invoice_id,amount,currency,invoice_date,service_start,service_end\n"
        b"acme,I1,31,USD,2026-10-01,2026-10-01,2026-11-01\n"
    )
    send([event(time="2026-09-05T10:00:00Z")])
    fold()
    page = sign_in("Viewer").get("/admin/overview?month=2026-10").content.decode()
    assert "no usage in this month, the newest is of September 2026" in page
    assert 'href="/admin/overview?month=2026-09"' in page


@pytest.mark.parametrize("name", ["customers", "overview", "models"])
def test_what_begins_in_the_running_month_is_shown_with_today(
    sign_in, send, event, prices, time_machine, name
):
    time_machine.move_to("2026-11-12T10:00:00Z")
    send(event(time="2026-11-12T09:00:00Z"))
    fold()
    client = sign_in("Viewer")
    for query in ("", "?month=2026-11"):
        month = client.get(f"/admin/{name}{query}").context["month"]
        assert (month.label, month.is_first) == ("1–12 November 2026", True)
    refused = client.get(f"/admin/{name}?month=nonsense")
    assert refused.status_code == 400
    assert "month=&#x27;nonsense&#x27; is not understood" in refused.content.decode()
    page = client.get(f"/admin/{name}").content.decode()
    assert "the month before has neither usage nor revenue" in page
    assert client.get("/admin/explorer").context["span"] == "November 2026"


def test_a_month_before_with_usage_or_revenue_stays_the_default(
    sign_in, send, event, prices, time_machine, import_bytes
):
    time_machine.move_to("2026-11-12T10:00:00Z")
    client = sign_in("Viewer")
    assert client.get("/admin/customers").context["month"].label == "October 2026"
    send(event(time="2026-11-12T09:00:00Z"))
    fold()
    invoice = (
        b"external_customer_id,invoice_id,amount,currency,invoice_date,service_start,service_end\n"
        b"acme,I-1,10.00,USD,2026-10-01,2026-10-01,2026-11-01\n"
    )
    import_bytes(invoice)
    month = client.get("/admin/customers").context["month"]
    assert (month.label, month.is_first) == ("October 2026", False)
    assert client.get("/admin/customers?month=2026-11").context["month"].label == (
        "1–11 November 2026"
    )
