"""What is refused says so on a page of ours: which page, whose role, where to go on."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_page_beyond_the_role_names_who_is_signed_in_and_who_can_help(client):
    client.force_login(get_user_model().objects.create_user("kim", is_staff=True))
    answer = client.get("/admin/overview")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "You are signed in as kim, whose role does not include" in page
    assert "Security admin" in page


def test_an_address_nothing_is_at_names_it_and_leads_back():
    answer = Client().get("/of-old/<b>x")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is no page at /of-old/&lt;b&gt;x" in page
    assert 'href="/admin/"' in page


def test_a_name_the_database_cannot_hold_is_a_bad_address(admin_client):
    answer = admin_client.get("/admin/customer/%00")
    assert answer.status_code == 400
    assert "That address is not understood" in answer.content.decode()


def test_a_failed_view_says_that_nothing_was_changed(rf):
    from usage.api.unhandled import failed

    answer = failed(rf.get("/admin/overview"))
    assert answer.status_code == 500
    assert "Nothing was changed by this request" in answer.content.decode()
