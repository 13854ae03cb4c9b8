"""Fetching from Stripe, against a server of its own that lists, limits and fails as Stripe does."""

import datetime as dt
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from billing.importers import begin_pull, start_pull
from billing.importers.stripe_fields import slim
from billing.importers.stripe_http import Stripe, StripeError
from billing.models import BillingImport, BillingPull, Invoice, InvoiceLine, Subscription
from tknops.jobs.models import Job
from tknops.jobs.run import run, start

pytestmark = pytest.mark.django_db
KEY = "rk_test_CANARY0123456789"
BEGAN = 1790812800  # 2026-10-01, UTC
NOW = dt.datetime(2026, 11, 15, tzinfo=dt.UTC)


def invoice(number, **fields):
    line = {
        "object": "line_item", "id": f"il_{number}", "amount": 1000 + number, "currency": "usd",
        "period": {"start": BEGAN, "end": BEGAN + 31 * 86400}, "secret_note": "not kept",
        "parent": {"subscription_item_details": {"subscription": f"sub_{number}"}},
    }  # fmt: skip
    return {
        "object": "invoice", "id": f"in_{number:03}", "customer": f"cus_{number}",
        "customer_address": {"line1": "not kept"}, "currency": "usd", "status": "open",
        "created": BEGAN + number, "lines": {"has_more": False, "data": [line]},
    } | fields  # fmt: skip


def subscription(number):
    price = {"id": "price_1", "unit_amount": 1000, "currency": "usd", "nickname": "Pro",
             "recurring": {"interval": "month", "interval_count": 1}}  # fmt: skip
    return {"object": "subscription", "id": f"sub_{number}", "customer": f"cus_{number}",
            "status": "active", "start_date": BEGAN,
            "items": {"data": [{"price": price, "quantity": 1}]}}  # fmt: skip


class Fake:
    """What Stripe holds, what it was asked, and how it is to fail."""

    def __init__(self):
        self.lists = {
            "/v1/invoices": [invoice(n) for n in range(1, 8)],
            "/v1/subscriptions": [subscription(n) for n in range(1, 4)],
        }
        self.page, self.asked, self.keys, self.failing = 3, [], set(), []

    def answer(self, path, query):
        objects = self.lists.get(path)
        if objects is None:
            return 404, {}, {}
        since = int(query.get("created[gte]", 0))
        objects = [one for one in objects if one.get("created", since) >= since]
        after = query.get("starting_after")
        at = next((i + 1 for i, one in enumerate(objects) if one["id"] == after), 0)
        page = objects[at : at + self.page]
        more = at + self.page < len(objects)
        return 200, {}, {"object": "list", "data": page, "has_more": more}


@pytest.fixture
def fake(settings, tmp_path):
    held = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            held.asked.append((url.path, query))
            held.keys.add(self.headers["Authorization"])
            status, headers, body = (
                held.failing.pop(0) if held.failing else held.answer(url.path, query)
            )
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    settings.STRIPE_API_KEY = KEY
    settings.STRIPE_API_BASE = f"http://127.0.0.1:{server.server_address[1]}"
    settings.UPLOAD_DIR = tmp_path
    yield held
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def waited(monkeypatch):
    """Do not sleep; note how long it would have been."""
    pauses = []
    monkeypatch.setattr("billing.importers.stripe_http.time.sleep", pauses.append)
    return pauses


def pull(now=NOW):
    job = start_pull(now=now, at_once=True)
    assert job.state == "DONE", job.error
    return job.result


def test_all_pages_are_fetched_and_imported_as_one_unit(fake):
    result = pull()
    assert (result["objects"], result["created"]) == (10, 10)
    assert (Invoice.objects.count(), Subscription.objects.count()) == (7, 3)
    assert InvoiceLine.objects.get(line_id="il_7").amount_minor == 1007
    assert InvoiceLine.objects.get(line_id="il_1").subscription.external_id == "sub_1"
    assert fake.keys == {f"Bearer {KEY}"}
    assert [query.get("starting_after") for path, query in fake.asked if "inv" in path] == [
        None, "in_003", "in_006",
    ]  # fmt: skip


def test_overlapping_windows_change_only_what_changed(fake):
    pull()
    fake.lists["/v1/invoices"][0]["status"] = "paid"
    later = pull(NOW + dt.timedelta(days=1))
    assert (later["created"], later["unchanged"]) == (1, 9)
    assert Invoice.objects.get(external_id="in_001").status == "PAID"
    since = [query["created[gte]"] for path, query in fake.asked if "created[gte]" in query]
    assert set(since) == {str(int((NOW - dt.timedelta(days=90)).timestamp()))}


def test_limits_and_failures_are_waited_out(fake, waited):
    fake.failing = [(429, {"Retry-After": "7"}, {}), (500, {}, {})]
    assert pull()["created"] == 10
    assert waited == [7.0, 2.0]


def test_after_a_crash_it_goes_on_where_it_was_and_a_torn_page_is_cut_off(fake, tmp_path):
    begun = begin_pull(now=NOW)
    fake.failing = [fake.answer("/v1/invoices", {}), (403, {}, {})]
    job = start(kind="pull-stripe", arguments={"pull": begun.pk}, at_once=True)
    assert (job.state, job.error) == (
        "FAILED", "the key may not read /v1/invoices: give it that right in Stripe's dashboard",
    )  # fmt: skip
    assert not Invoice.objects.exists()
    begun.refresh_from_db()
    assert (begun.cursor, begun.objects_fetched) == ("in_003", 3)
    with (tmp_path / begun.file_name).open("ab") as file:
        file.write(b'{"object":"invoice","id":"in_half')
    fake.asked.clear()
    result = pull(NOW + dt.timedelta(hours=1))
    assert fake.asked[0][1]["starting_after"] == "in_003"
    assert (result["created"], BillingPull.objects.count()) == (10, 1)


def test_lines_beyond_those_beside_the_invoice_are_listed_too(fake):
    long = invoice(1)
    lines = [dict(long["lines"]["data"][0], id=f"il_1{n}") for n in range(5)]
    long["lines"] = {"has_more": True, "data": lines[:1]}
    fake.lists = {"/v1/invoices": [long], "/v1/subscriptions": [],
                  "/v1/invoices/in_001/lines": lines}  # fmt: skip
    pull()
    assert InvoiceLine.objects.count() == 5


def test_nothing_new_is_no_import(fake):
    fake.lists = {"/v1/invoices": [], "/v1/subscriptions": []}
    assert pull()["state"] == "nothing new"
    assert (BillingImport.objects.count(), BillingPull.objects.get().state) == (0, "DONE")


def test_the_key_is_nowhere_but_in_the_header(fake, caplog, tmp_path):
    fake.failing = [(401, {}, {"error": {"message": f"Invalid API Key {KEY}"}})]
    start_pull(now=NOW, at_once=True)
    pull()
    held = [*Job.objects.values(), *BillingPull.objects.values(), *BillingImport.objects.values()]
    assert len(held) == 4
    assert KEY not in str(held) + caplog.text + repr(Stripe.of_settings())
    assert all(KEY not in path.read_text() for path in tmp_path.iterdir())


def test_a_redirect_is_not_followed_with_the_key(fake):
    fake.failing = [(302, {"Location": "http://127.0.0.1:1/"}, {})]
    job = start_pull(now=NOW, at_once=True)
    assert (job.state, job.error) == ("FAILED", "Stripe answered 302 for /v1/invoices")


def test_only_fields_that_are_read_are_kept():
    kept = str(slim(invoice(1)))
    assert "not kept" not in kept
    assert "il_1" in kept


@pytest.mark.parametrize(
    ("key", "base", "words"),
    [
        ("", "https://api.stripe.com", "set STRIPE_API_KEY"),
        ("sk_live_1", "https://api.stripe.com", "no restricted key"),
        (KEY, "http://stripe.example", "accepted: an https address"),
    ],
)
def test_key_and_address_are_checked_before_anything_is_sent(settings, key, base, words):
    settings.STRIPE_API_KEY, settings.STRIPE_API_BASE = key, base
    with pytest.raises(StripeError, match=words) as refused:
        Stripe.of_settings()
    assert "sk_live" not in str(refused.value)


def test_two_pulls_at_once_are_one():
    first = begin_pull(now=NOW)
    assert begin_pull(now=NOW + dt.timedelta(hours=1)) == first
    with pytest.raises(IntegrityError, match="billing_pull_one_at_a_time"):
        BillingPull.objects.create(until=NOW, file_name="x")


def test_the_command_says_what_came(fake, capsys):
    call_command("pull_stripe", "--since", "2026-01-01")
    assert "10 objects fetched: APPLIED" in capsys.readouterr().out
    fake.failing = [(401, {}, {})]
    with pytest.raises(CommandError, match="the key is not known to Stripe"):
        call_command("pull_stripe")


PAGE = "/admin/import-billing/stripe"


@pytest.fixture
def boss(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def test_the_page_without_a_key_says_what_to_do_and_fetches_nothing(boss, settings):
    settings.STRIPE_API_KEY = ""
    page = boss.get(PAGE).content.decode()
    assert "Set STRIPE_API_KEY to a restricted key" in page
    assert "Pull now" not in page
    answer = boss.post(f"{PAGE}/now", follow=True).content.decode()
    assert "Nothing was fetched: set STRIPE_API_KEY" in answer
    assert (BillingPull.objects.count(), Job.objects.count()) == (0, 0)


def test_the_page_pulls_now_as_a_job_and_shows_what_came_and_no_key(fake, boss):
    assert "none yet" in boss.get(PAGE).content.decode()
    boss.post(f"{PAGE}/now", {"since": "2026-01-01"})
    boss.post(f"{PAGE}/now")  # a second click while it waits
    job = Job.objects.get()
    assert "Pull stripe" in boss.get(PAGE).content.decode()
    assert f"{BillingPull.objects.get().since:%Y-%m-%d}" == "2026-01-01"
    fake.failing = [fake.answer("/v1/invoices", {}), (403, {}, {})]
    run(job.pk)
    page = boss.get(PAGE).content.decode()
    assert "the key may not read /v1/invoices" in page
    assert "interrupted after 3 objects" in page
    boss.post(f"{PAGE}/now")
    run(Job.objects.latest("pk").pk)
    page = boss.get(PAGE).content.decode()
    cells = re.findall(r'tk-number">\s*(\d+)', page)
    assert cells == ["10", "10", "0"]
    assert KEY not in page


@pytest.mark.parametrize("since", ["yesterday", "2999-01-01"])
def test_the_page_refuses_a_day_that_is_none(fake, boss, since):
    assert since in boss.post(f"{PAGE}/now", {"since": since}, follow=True).content.decode()
    assert BillingPull.objects.count() == 0
