import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model

from usage.keys import create_key
from usage.models import ApiKey, Source

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss", password=PASSWORD))
    return client


def url(source, tail="create-key/"):
    return f"/admin/usage/source/{source.pk}/{tail}"


def wanted(**fields):
    newest = ApiKey.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return {
        "name": "worker", "scopes": ["events:write"], "expires_in_days": "90",
        "password": PASSWORD, "newest": newest,
    } | fields  # fmt: skip


def create(admin, source, **fields):
    return admin.post(url(source), wanted(**fields), follow=True).content.decode()


def test_key_is_shown_once_with_a_command_that_works(admin, source, client):
    page = create(admin, source)
    key = re.search(r'id="tk-key">(tko_\w+)<', page)[1]
    snippet = re.search(r'id="tk-snippet">(.*?)</pre>', page, re.DOTALL)[1]
    body = re.search(r"-d &#x27;|-d '(.*)'", snippet)[1].replace("&quot;", '"')
    answer = client.post(
        "/api/v1/events", body, content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["stored"]) == (200, 1)
    for again in (f"/admin/usage/source/{source.pk}/change/", url(source)):
        assert key not in admin.get(again).content.decode()
    made = ApiKey.objects.get()
    assert (made.name, made.created_by.username) == ("worker", "boss")
    assert f"API key tko_{made.prefix}… (worker) created" in str(LogEntry.objects.get())


def test_password_is_asked_again(admin, source):
    page = create(admin, source, password="wrong")
    assert "This is not your password." in page
    assert not ApiKey.objects.exists()


def test_a_form_sent_twice_makes_one_key(admin, source):
    fields = wanted()
    admin.post(url(source), fields)
    page = admin.post(url(source), fields).content.decode()
    assert "A key of this source was created meanwhile" in page
    assert ApiKey.objects.count() == 1


def test_third_key_is_refused_with_the_way_out(admin, source):
    create(admin, source)
    create(admin, source)
    page = create(admin, source)
    assert "tests has 2 live keys for events:write and may have 2" in page
    assert ApiKey.objects.count() == 2


def test_source_page_lists_keys_with_their_state(admin, source):
    create_key(source=source, scopes=["events:write"], name="old")
    ApiKey.objects.update(exposed=3)
    create(admin, source)
    page = admin.get(f"/admin/usage/source/{source.pk}/change/").content.decode()
    assert "3 times in a query string: rotate it" in page
    assert "expires in 89 days" in page
    assert page.count("never") >= 2


def test_revoking_asks_first_and_is_logged(admin, source, send, event):
    key = create_key(source=source, scopes=["events:write"])
    made = ApiKey.objects.get(prefix=key[4:12])
    revoke = url(source, f"keys/{made.pk}/revoke")
    assert "cannot be taken back" in admin.get(revoke).content.decode()
    assert send(event(), Authorization=f"Bearer {key}").status_code == 200
    admin.post(revoke)
    assert send(event(), Authorization=f"Bearer {key}").status_code == 401
    assert "revoked" in str(LogEntry.objects.get())


def test_key_of_another_source_cannot_be_revoked_through_this_one(admin, source):
    other = Source.objects.create(name="other")
    create_key(source=other, scopes=["events:write"])
    made = ApiKey.objects.get()
    assert admin.post(url(source, f"keys/{made.pk}/revoke")).status_code == 404


def test_a_source_keeps_its_name_and_cannot_be_deleted(admin, source):
    admin.post(f"/admin/usage/source/{source.pk}/change/", {"name": "renamed"})
    assert Source.objects.get().name == "tests"
    assert admin.post(f"/admin/usage/source/{source.pk}/delete/").status_code == 403
