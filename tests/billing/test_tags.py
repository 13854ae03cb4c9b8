"""Tags as dimensions: named, ignored, values read as one, over events ingested before."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from pghistory.models import MiddlewareEvents

from billing.dimensions import known, offered
from billing.margin import margin
from billing.margin.rendering import as_csv
from billing.measures import UnknownDimensionError
from tknops.calendar import Period
from usage.cube import fold
from usage.ingest import tags as limits
from usage.models import Context, EventTag, TagAlias, TagDimension, TagKey, TagValue
from usage.tagging import alias_values, key_use, name_key, remove_alias, spelt_alike

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
CALL = Decimal("0.00728")


@pytest.fixture
def boss(client):
    user = get_user_model().objects.create_superuser("boss")
    client.force_login(user)
    return user


@pytest.fixture
def tagged(send, event, prices):
    """Seven calls: prod 2, PROD 1, production 1, dev 1, two without; release on one of prod."""
    found = ({"env": "prod", "release": "1"}, {"env": "prod"}, {"env": "PROD"},
             {"env": "production"}, {"env": "dev"}, {}, {})  # fmt: skip
    send([event(id=f"e-{n}", tags=one) for n, one in enumerate(found)])
    fold()


def calls(by="tag.env", **filters):
    report = margin(by=[by], period=OCTOBER, filters=filters)
    return {row.key[0]: row.events for row in report.rows}


RAW = {"(none)": 2, "PROD": 1, "dev": 1, "prod": 2, "production": 1}
ONE = {"(none)": 2, "dev": 1, "production": 4}


def test_values_read_as_one_merge_back_into_the_past_and_come_apart_again(tagged):
    before = as_csv(margin(by=["tag.env", "day"], period=OCTOBER))
    assert calls() == RAW
    alias_values(key="env", values=["prod", "PROD"], canonical="production")
    assert calls() == ONE
    [row] = [row for row in margin(by=["tag.env"], period=OCTOBER).rows if row.events == 4]
    assert row.cost == 4 * CALL
    assert calls(by="month", **{"tag.env": ["production"]}) == {"2026-10": 4}
    assert calls(by="month", **{"tag.env": ["prod"]}) == {}
    assert sorted(c.tags.get("env", "") for c in Context.objects.all()) == sorted(
        ["", "PROD", "dev", "prod", "prod", "production"]
    )
    for alias in TagAlias.objects.all():
        remove_alias(pk=alias.pk)
    assert as_csv(margin(by=["tag.env", "day"], period=OCTOBER)) == before


def test_an_alias_is_of_its_key_alone_and_of_events_yet_to_come(tagged, send, event):
    alias_values(key="release", values=["prod", "1"], canonical="one")
    assert calls() == RAW
    assert calls("tag.release") == {"(none)": 6, "one": 1}
    send(event(id="later", tags={"release": "1"}))
    fold()
    assert calls("tag.release") == {"(none)": 6, "one": 2}


def test_aliases_never_chain(tagged):
    alias_values(key="env", values=["PROD"], canonical="prod")
    assert calls() == {"(none)": 2, "dev": 1, "prod": 3, "production": 1}
    alias_values(key="env", values=["prod"], canonical="production")
    assert calls() == ONE
    alias_values(key="env", values=["dev"], canonical="PROD")
    assert dict(TagAlias.objects.values_list("value", "canonical")) == dict.fromkeys(
        ["PROD", "prod", "dev"], "production"
    )
    assert alias_values(key="env", values=["production", "dev"], canonical="dev") == []
    for values, canonical in (([], "x"), (["x"], "x"), (["a"], " "), (["a"], "x" * 257)):
        with pytest.raises(ValueError, match=r"choose at least one|1 to 256 bytes"):
            alias_values(key="env", values=values, canonical=canonical)
    with pytest.raises(IntegrityError), transaction.atomic():
        TagAlias.objects.create(key="env", value="z", canonical="z")


def test_values_that_differ_in_spelling_only_are_suggested():
    assert spelt_alike(["eu-west", "EU West", "prod", "Prod", "production", "-"]) == [
        ["EU West", "eu-west"], ["Prod", "prod"],
    ]  # fmt: skip


def test_a_key_named_later_is_a_dimension_of_events_ingested_before(client, tagged, api_key, boss):
    with pytest.raises(UnknownDimensionError):
        margin(by=["stage"], period=OCTOBER)
    client.post("/admin/tag/env/name", {"label": "Stage", "name": "stage", "description": "where"})
    assert calls("stage") == RAW == calls("tag.env")
    assert known("stage").label == known("tag.env").label == "Stage"
    assert [d.name for d in offered()][-2:] == ["stage", "tag.release"]
    url = "/api/v1/reports/margin?start=2026-10&end=2026-11&by=stage&stage=dev"
    client.logout()
    report = client.get(url, headers={"Authorization": f"Bearer {api_key}"}).json()
    assert [(row["stage"], row["events"]) for row in report["rows"]] == [("dev", 1)]
    both = margin(by=["stage", "tag.env", "month"], period=OCTOBER)
    assert both.by == ("stage", "month")
    assert len(both.rows[0].key) == 2


@pytest.mark.parametrize("name", ["customer", "cost", "by", "Stage", "1st", "tag.x", "release"])
def test_a_name_that_is_taken_or_none_is_refused_in_a_sentence(client, tagged, boss, name):
    name_key(key="release", label="Release", name="release")
    answer = client.post("/admin/tag/env/name", {"label": "Stage", "name": name}, follow=True)
    page = answer.content.decode()
    assert any(text in page for text in ("already", "is not a name such as squad"))
    assert not TagDimension.objects.filter(key="env").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        TagDimension.objects.create(key="other", name="release")


def test_an_ignored_key_is_offered_nowhere_and_nothing_is_lost(client, tagged, boss):
    name_key(key="env", label="Stage", name="stage")
    page = client.get("/admin/features?month=2026-10").content.decode()
    assert 'name="tag.env"' in page
    client.post("/admin/tag/env/name", {"offer": "no"})
    assert "stage" not in {dimension.name for dimension in offered()}
    assert 'name="tag.env"' not in client.get("/admin/features?month=2026-10").content.decode()
    assert 'value="tag.env"' not in client.get("/admin/segments?month=2026-10").content.decode()
    assert calls("stage") == RAW
    assert (TagKey.objects.count(), TagValue.objects.count()) == (2, 5)
    client.post("/admin/tag/env/name", {"offer": "yes"})
    assert "stage" in {dimension.name for dimension in offered()}
    assert 'value="tag.env"' in client.get("/admin/segments?month=2026-10").content.decode()


def test_the_page_of_keys_says_how_much_they_cover(client, tagged, boss):
    answer = client.get("/admin/tags?month=2026-10")
    table = answer.context["table"]
    rows = {row.cells["key"]: row.cells for row in table.rows}
    env = rows["env"]
    assert (env["values"], env["first"], env["last"]) == (4, "2026-10-05", "2026-10-05")
    assert env["contexts_pct"] == Decimal("83.3333")
    assert env["events_pct"] == env["cost_pct"] == Decimal("71.4286")
    assert env["cost"] == 5 * CALL
    assert env["top"] == "prod 40\u00a0%, PROD 20\u00a0%, dev 20\u00a0%"
    assert rows["release"]["events_pct"] == Decimal("14.2857")
    name_key(key="env", label="Stage")
    alias_values(key="env", values=["prod", "PROD"], canonical="production")
    rows = {
        row.cells["key"]: row.cells
        for row in client.get("/admin/tags?month=2026-10").context["table"].rows
    }
    assert (rows["env"]["state"], rows["env"]["label"]) == ("named", "Stage")
    assert rows["env"]["top"] == "production 80\u00a0%, dev 20\u00a0%"


def test_what_overflows_is_flagged(client, send, event, prices, boss, monkeypatch):
    monkeypatch.setattr(limits, "MAX_VALUES", 2)
    send([event(id=f"e-{n}", tags={"session": f"s{n}"}) for n in range(5)])
    fold()
    context = client.get("/admin/tags?month=2026-10").context
    [row] = context["table"].rows
    assert row.cells["state"] == "full"
    assert context["overflow"].tags_beside == EventTag.objects.count() == 3
    assert calls("tag.session") == {"_other": 3, "s0": 1, "s1": 1}
    assert "_other" not in client.get("/admin/tag/session?month=2026-10").context["values"]


def test_a_merge_is_shown_in_money_applied_and_taken_back_on_the_pages(client, tagged, boss):
    query = "month=2026-10&value=prod&value=PROD&canonical=production&reason=one%20stage"
    preview = client.get(f"/admin/tag/env/merge?{query}")
    table = preview.context["table"]
    assert [(r.cells["value"], r.cells["calls"], r.cells["cost"]) for r in table.rows] == [
        ("PROD", 1, CALL), ("prod", 2, 2 * CALL), ("production", 1, CALL),
    ]  # fmt: skip
    assert (table.total.cells["calls"], table.total.cells["cost_year"]) == (4, 4 * CALL)
    assert calls() == RAW
    form = {"value": ["prod", "PROD"], "canonical": "production", "reason": "one stage"}
    client.post("/admin/tag/env/alias", form)
    assert calls() == ONE
    page = client.get("/admin/tag/env?month=2026-10").content.decode()
    assert "one stage" in page
    for alias in TagAlias.objects.all():
        assert (alias.created_by, alias.reason) == (boss, "one stage")
        client.post(f"/admin/tag/env/alias/{alias.pk}/remove")
    assert calls() == RAW
    log = MiddlewareEvents.objects.filter(pgh_obj_model="usage.TagAlias")
    assert (
        sorted(log.values_list("pgh_label", "user"))
        == [("delete", boss.pk)] * 2 + [("insert", boss.pk)] * 2
    )


def test_a_merge_of_nothing_is_a_sentence_and_an_unknown_key_is_not_found(client, tagged, boss):
    answer = client.get("/admin/tag/env/merge?value=prod&canonical=prod", follow=True)
    assert "Choose the values that are one" in answer.content.decode()
    assert client.get("/admin/tag/nobody").status_code == 404
    assert client.post("/admin/tag/nobody/name", {"label": "x"}).status_code == 404


def test_the_use_of_keys_does_not_ask_the_database_per_key(tagged, django_assert_num_queries):
    key_use()
    with django_assert_num_queries(4):
        assert [use.key for use in key_use()] == ["env", "release"]
