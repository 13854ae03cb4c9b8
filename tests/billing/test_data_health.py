import datetime as dt

import msgspec
import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from billing.reports.sources import as_duration
from billing.roles import ensure_roles
from usage.cube import fold
from usage.ingest import ingest, tags
from usage.keys import create_key
from usage.models import ApiKey, Source

pytestmark = pytest.mark.django_db
URL = "/admin/data-health"


@pytest.fixture
def reader(client):
    user = get_user_model().objects.create_user("cfo", is_staff=True)
    user.groups.add(ensure_roles())
    client.force_login(user)
    return client


@pytest.fixture
def fresh(event):
    """Make an event of two minutes ago."""

    def make(**fields):
        moment = timezone.now() - dt.timedelta(minutes=2)
        return event(**{"time": moment.isoformat(), **fields})

    return make


def checks(client):
    found = {}
    for check, linked in client.get(URL).context["checks"]:
        found[check.title] = (str(check.state), check.sentence, check.link if linked else "")
    return found


def rows(client):
    return {row.cells["source"]: row.cells for row in client.get(URL).context["table"].rows}


def test_empty_page_leads_to_the_setup(reader):
    page = reader.get(URL).content.decode()
    assert "No usage has arrived yet" in page
    assert "/admin/setup" in page


def test_all_is_well_is_said_for_each_check(reader, send, fresh, prices):
    send(fresh(usage={"input_tokens": 10}, customer=None))
    fold()
    found = checks(reader)
    assert {state for title, (state, _, _) in found.items() if title != "Attribution"} == {"ok"}
    assert found["Freshness"][1] == "Everything received is in the reports."
    assert found["Attribution"][:2] == (
        "problem",
        "100.0 % of cost has no customer in the last 30 days.",
    )


def test_sources_show_their_fates_and_lag(reader, send, fresh):
    send([fresh(), fresh(id="b", usage={"input_tokens": -1}), fresh(id="c")])
    send([fresh(id="c", customer="x")])
    found = rows(reader)["tests"]
    names = ("last_hour", "last_day", "stored", "duplicate", "conflict", "rejected")
    assert [found[name] for name in names] == [4, 4, 2, 0, 1, 1]
    assert (found["rejected_pct"], found["lag"]) == (25, "2 min / 2 min")


@pytest.mark.parametrize(
    ("span", "text"),
    [(3, "3 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (40 * 86400, "40 d")],
)
def test_durations_in_their_largest_unit(span, text):
    assert as_duration(dt.timedelta(seconds=span)) == text


def test_rejected_events_and_conflicts_lead_to_the_fix(reader, send, fresh):
    send([fresh(), fresh(customer="x"), *(fresh(id=f"b{n}", model="") for n in range(2))])
    found = checks(reader)
    assert found["Rejected events"] == (
        "problem",
        "2 of 4 events rejected in 24 hours: model_missing 2.",
        "/admin/usage/quarantined/",
    )
    assert found["Conflicts"][0] == "attention"
    assert found["Conflicts"][2] == "/admin/usage/conflict/"
    assert "?code=model_missing" in reader.get(URL).content.decode()


def test_what_waits_for_folding_is_told_with_its_age(reader, source, fresh):
    body, then = msgspec.json.encode([fresh()]), timezone.now() - dt.timedelta(minutes=11)
    ingest(body, source=source, received_at=then)
    ingest(b'[{"id":"nothing to fold"}]', source=source, received_at=then)
    state, sentence, _ = checks(reader)["Freshness"]
    assert state == "problem"
    assert sentence.startswith("1 batch waits to enter the reports, the oldest for 66")


def test_silent_source_is_named_but_not_a_demo(reader, source):
    body, then = b'[{"id":"x"}]', timezone.now() - dt.timedelta(days=2)
    ingest(body, source=source, received_at=then)
    ingest(body, source=Source.objects.create(name="show", is_demo=True), received_at=then)
    state, sentence, _ = checks(reader)["Sources"]
    assert (state, "tests (last" in sentence, "show" in sentence) == ("attention", True, False)


def test_content_sent_is_a_problem_and_leads_to_its_batches(reader, send, fresh):
    send([fresh(prompt="x"), fresh(id="b", messages=[]), fresh(id="c")])
    state, sentence, link = checks(reader)["Privacy"]
    assert (state, sentence) == (
        "problem",
        "tests: 2 events in 30 days with content fields, discarded unread.",
    )
    assert reader.get(link).context["cl"].result_count == 1


def test_keys_in_query_strings_and_ending_keys_are_told(client, source, send, fresh):
    key = create_key(
        source=source, scopes=["events:write"], expires_at=timezone.now() + dt.timedelta(days=3)
    )
    client.get(f"/api/v1/sources?key={key}")
    send(fresh())
    client.force_login(get_user_model().objects.create_superuser("boss"))
    found = checks(client)
    prefix, made = key[4:12], f"{ApiKey.objects.get(prefix=key[4:12]).created_at:%Y-%m-%d}"
    named = f"tko_{prefix}… ({made}) of tests"
    assert found["Exposed keys"] == (
        "problem",
        f"In a query string, where it is logged: {named} (1 time). Rotate it.",
        f"/admin/usage/source/{source.pk}/change/",
    )
    assert found["Ending keys"][0] == "ok"
    ApiKey.objects.exclude(prefix=prefix).update(revoked_at=timezone.now())
    state, sentence, _ = checks(client)["Ending keys"]
    assert state == "attention"
    assert sentence.startswith(f"{named} expires in 2 days")


def test_full_tag_keys_are_told(reader, send, fresh, monkeypatch):
    monkeypatch.setattr(tags, "MAX_VALUES", 2)
    send([fresh(id=f"e{n}", tags={"session": f"s{n}"}) for n in range(3)])
    state, sentence, _ = checks(reader)["Tags"]
    assert (state, "new values of session go to _other" in sentence) == ("problem", True)
    assert "full since" in reader.get(URL).content.decode()


def test_states_are_words_not_colours_alone(reader, send, fresh):
    send(fresh(prompt="x"))
    page = reader.get(URL).content.decode()
    assert "✕</span> problem" in page
    assert "✓</span> ok" in page


def test_download_has_the_same_rows(client, send, fresh):
    send(fresh())
    client.force_login(get_user_model().objects.create_superuser("boss"))
    lines = client.get(f"{URL}?format=csv").content.decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["Source", "tests", "All"]


def test_queries_do_not_grow_with_sources(reader, send, fresh, django_assert_max_num_queries):
    send([fresh(), fresh(id="b", model="")])
    with django_assert_max_num_queries(40) as few:
        reader.get(URL)
    for number in range(5):
        ingest(
            b'[{"id":"x"}]',
            source=Source.objects.create(name=f"s{number}"),
            received_at=timezone.now(),
        )
    with django_assert_max_num_queries(len(few)):
        reader.get(URL)
