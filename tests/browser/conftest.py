"""A filled installation behind a live server, opened by the finance role in a real browser."""

import os

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore

from customers.models import Customer
from usage.cube import fold
from usage.models import Feature

# Playwright's loop runs in the thread of the test, which also uses the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

HEAD = (
    "external_customer_id,invoice_id,plan_code,amount,currency,invoice_date,service_start,"
    "service_end\n"
)
INVOICES = HEAD + "".join(
    f"{who},I-{who}-{month},{plan},{amount},USD,2026-{month}-01,2026-{month}-01,{end}\n"
    for month, end in (("09", "2026-10-01"), ("10", "2026-11-01"))
    for who, plan, amount in (
        ("acme", "starter", 49),
        ("birch", "team", 199),
        ("cedar", "team", 199),
    )
)


@pytest.fixture(scope="session")
def base_url():
    """Stand in for the plugin's: the address is the live server's."""
    return


@pytest.fixture
def filled(transactional_db, prices, send, event, import_bytes):
    """Three customers, one under water, usage of two months, a stranger, an unpriced model."""
    for key in ("acme", "birch", "cedar"):
        Customer.objects.create(external_id=key, name=key.capitalize())
    for key in ("chat", "agents"):
        Feature.objects.create(external_id=key, name=key.capitalize())
    import_bytes(INVOICES.encode())
    events = [
        event(
            id=f"{who}-{month}-{feature}",
            time=f"2026-{month}-05T10:00:00Z",
            customer=who,
            user=f"{who}-u1",
            feature=feature,
            usage={"input_tokens": tokens, "output_tokens": 100_000},
        )
        for month in ("09", "10")
        for who, tokens in (("acme", 20_000_000), ("birch", 10_000_000), ("cedar", 1_000_000))
        for feature in ("chat", "agents")
    ]
    events += [
        event(id="stranger", customer="who"),
        event(id="unpriced", customer="cedar", provider="self-hosted", model="inhouse"),
    ]
    assert send(events).status_code == 200
    fold()


@pytest.fixture
def problems():
    """What a page did wrong: console errors, failed scripts, requests to elsewhere."""
    return []


@pytest.fixture
def signed_in(transactional_db, live_server, page, problems):
    """Open pages as a superuser; collect what goes wrong."""
    user = get_user_model().objects.create_superuser("boss", password="x")
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    cookie = {"name": "sessionid", "value": session.session_key, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: _elsewhere(asked.url, live_server.url, problems))
    page.open = lambda path: page.goto(f"{live_server.url}/admin/{path}", wait_until="load")
    return page


def _elsewhere(url, ours, problems):
    if not url.startswith((ours, "data:", "blob:")):
        problems.append(f"request to {url}")
