"""Saved views: whose they are, who sees, changes, shares and deletes them; the log knows."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from pghistory.models import MiddlewareEvents

from billing.models import SavedView
from billing.roles import ensure_roles

pytestmark = pytest.mark.django_db
QUERY = "rows=plan&measure=cost&from=2026-09&to=2026-10"


@pytest.fixture
def people(client):
    ensure_roles()
    found = {}
    for name, role in (
        ("vera", "Viewer"), ("anna", "Analyst"), ("finn", "Finance admin"),
        ("otto", "Analyst"), ("sam", "Security admin"),
    ):  # fmt: skip
        found[name] = get_user_model().objects.create_user(name, is_staff=True)
        found[name].groups.add(Group.objects.get(name=role))

    def become(name):
        client.force_login(found[name])
        return client

    return become


def keep(client, name="Plans", query=QUERY, **fields):
    return client.post("/admin/explorer/save", {"name": name, "query": query} | fields)


def said(client, answer):
    return [str(one) for one in client.get(answer["Location"]).context["messages"]]


def test_a_view_keeps_its_question_and_leads_to_it(people):
    client = people("anna")
    answer = keep(client, description="By plan", pinned="on")
    view = SavedView.objects.get()
    assert answer["Location"] == f"/admin/explorer?{view.query}&view={view.pk}"
    assert (view.owner.username, view.shared, view.pinned) == ("anna", False, True)
    opened = client.get(f"/admin/explorer/views/{view.pk}")
    assert opened["Location"] == answer["Location"]
    context = client.get(opened["Location"]).context
    assert (context["view"], context["asked"].rows) == (view, ("plan",))
    assert f"/admin/explorer/views/{view.pk}" in client.get("/admin/plans").content.decode()


def test_only_who_may_share_shares_and_only_the_shared_is_seen(people):
    keep(people("vera"), name="Mine", shared="on")
    keep(people("anna"), name="Ours", shared="on")
    keep(people("anna"), name="Hers")
    shared = dict(SavedView.objects.values_list("name", "shared"))
    assert shared == {"Mine": False, "Ours": True, "Hers": False}
    seen = people("otto").get("/admin/explorer/views").context["views"]
    assert [(view.name, deletable) for view, deletable in seen] == [("Ours", False)]
    hers = SavedView.objects.get(name="Hers")
    client = people("otto")
    assert client.get(f"/admin/explorer/views/{hers.pk}").status_code == 404
    assert client.get(f"/admin/explorer?{QUERY}&view={hers.pk}").context["view"] is None
    for action in ("update", "copy", "delete"):
        assert client.post(f"/admin/explorer/views/{hers.pk}/{action}").status_code == 404
    assert people("sam").get("/admin/explorer/views").status_code == 403


def test_the_owner_updates_others_copy_finance_deletes(people):
    keep(people("anna"), name="Ours", shared="on", pinned="on")
    view = SavedView.objects.get()
    place = f"/admin/explorer/views/{view.pk}"
    changed = {"name": "Ours too", "query": "rows=model&measure=events&period=last_month"}
    assert people("otto").post(f"{place}/update", changed).status_code == 404
    assert people("otto").post(f"{place}/delete").status_code == 403
    people("anna").post(f"{place}/update", changed | {"shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.pinned, view.query) == (
        "Ours too", False, "rows=model&measure=events&period=last_month"
    )  # fmt: skip
    for _ in range(2):
        people("otto").post(f"{place}/copy")
    copies = SavedView.objects.filter(owner__username="otto").order_by("name")
    assert [(one.name, one.query, one.shared) for one in copies] == [
        ("Ours too (copy 2)", view.query, False),
        ("Ours too (copy)", view.query, False),
    ]
    assert people("finn").post(f"{place}/delete").status_code == 302
    assert not SavedView.objects.filter(pk=view.pk).exists()
    log = MiddlewareEvents.objects.filter(pgh_obj_model="billing.SavedView", pgh_obj_id=view.pk)
    entries = log.order_by("pgh_created_at", "pgh_id")
    assert [(one.pgh_label, one.user.username) for one in entries] == [
        ("insert", "anna"), ("update", "anna"), ("delete", "finn"),
    ]  # fmt: skip


def test_what_cannot_be_kept_is_said(people):
    client = people("anna")
    keep(client)
    for fields, words in (
        ({}, "anna has a view named 'Plans' already; accepted: another name"),
        ({"name": "  "}, "a view needs a name"),
        ({"name": "x" * 81}, "the name has 81 characters; accepted: up to 80"),
        ({"name": "x\0"}, "no NUL"),
        ({"name": "y", "description": "d" * 301}, "the description has 301 characters"),
        ({"name": "y", "query": "rows=sandwich"}, "'sandwich' is not a dimension"),
        ({"name": "y", "query": urlencode({"customer": "c" * 4001})}, "the question has 4,"),
    ):
        answer = keep(client, **fields)
        assert words in " ".join(said(client, answer)), fields
    assert SavedView.objects.count() == 1
    keep(people("otto"))
    assert SavedView.objects.count() == 2


def test_the_database_keeps_names_unique_per_owner_and_given(people):
    keep(people("anna"))
    owner = SavedView.objects.get().owner
    for name, rule in (("Plans", "name_unique_per_owner"), ("", "savedview_named")):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            SavedView.objects.create(owner=owner, name=name, query=QUERY)


def test_a_view_of_an_old_question_stays_valid(people):
    """Parts left out keep their default: a view of before the explorer knew more."""
    keep(people("anna"), query="rows=customer")
    view = SavedView.objects.get()
    assert people("anna").get(f"/admin/explorer?{view.query}&view={view.pk}").status_code == 200
    assert people("anna").get(f"/admin/explorer?view={'9' * 6000}").status_code == 200
