"""The audit log: who changed what, also by bulk writes; nobody can change the log."""

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from pghistory.models import MiddlewareEvents

from customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    user = get_user_model().objects.create_superuser("boss")
    client.force_login(user)
    return user


def entries():
    found = MiddlewareEvents.objects.order_by("pgh_created_at", "pgh_id")
    return [(entry.pgh_label, entry.pgh_diff, entry.user_id) for entry in found]


def test_a_change_in_the_admin_names_the_person_and_what_it_was(client, boss):
    customer = Customer.objects.create(external_id="acme", name="Acme")
    form = {"external_id": "acme", "name": "Acme Inc", "status": "ACTIVE"}
    for inline in ("aliases", "attributes", "parents"):
        form |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
    answer = client.post(f"/admin/customers/customer/{customer.pk}/change/", form)
    assert answer.status_code == 302
    assert entries() == [
        ("insert", None, None),
        ("update", {"name": ["Acme", "Acme Inc"]}, boss.pk),
    ]


def test_bulk_writes_and_raw_sql_are_in_the_log():
    Customer.objects.bulk_create([Customer(external_id=n, name=n) for n in ("a", "b")])
    Customer.objects.update(owner="kim")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_customer")
    labels = [label for label, _, _ in entries()]
    assert sorted(labels) == ["delete"] * 2 + ["insert"] * 2 + ["update"] * 2


def test_the_log_cannot_be_changed():
    Customer.objects.create(external_id="acme", name="Acme")
    for statement in (
        "UPDATE customers_customerevent SET name = 'x'",
        "DELETE FROM customers_customerevent",
    ):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            connection.cursor().execute(statement)


def test_the_log_is_shown_in_the_admin(client, boss):
    Customer.objects.create(external_id="acme", name="Acme")
    Customer.objects.update(owner="kim")
    page = client.get("/admin/pghistory/middlewareevents/").content.decode()
    assert "Customer acme" in page
    assert "owner:  → kim" in page
