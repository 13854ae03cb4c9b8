"""Dated attributes and parents: what the database and the forms refuse, and the tables as CSV."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from customers.models import (
    Customer,
    CustomerAttribute,
    CustomerParent,
    EndUser,
    EndUserAttribute,
    Team,
    TeamAttribute,
)
from usage.models import Feature, FeatureAttribute

pytestmark = pytest.mark.django_db
KINDS = (
    (Customer, CustomerAttribute, "customers", "attributes"),
    (EndUser, EndUserAttribute, "customers", "attributes"),
    (Team, TeamAttribute, "customers", "attributes"),
    (Feature, FeatureAttribute, "usage", "attributes"),
)
kinds = pytest.mark.parametrize(("owners", "model", "app", "inline"), KINDS)


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def owner(owners, external_id="one"):
    return owners.objects.create(external_id=external_id, name=external_id)


def one(model, whose, name="tier", value="a", start=None, end=None):
    return model.objects.create(
        **{model.OWNER: whose}, name=name, value=value, valid_from=start, valid_to=end
    )


@kinds
def test_the_database_refuses_two_values_at_once(owners, model, app, inline):
    whose = owner(owners)
    one(model, whose, end="2026-10-11")
    one(model, whose, start="2026-10-11", value="b")
    one(model, whose, name="region")
    one(model, owner(owners, "two"))
    with pytest.raises(IntegrityError, match="no_overlap"), transaction.atomic():
        one(model, whose, start="2026-10-10", end="2026-10-11", value="c")
    for wrong in ({"value": ""}, {"name": ""}):
        with pytest.raises(IntegrityError, match="not_blank"), transaction.atomic():
            one(model, owner(owners, "three"), **wrong)
    with pytest.raises(IntegrityError, match="ends_after_start"), transaction.atomic():
        one(model, owner(owners, "four"), start="2026-10-10", end="2026-10-10")


def rows_of_form(prefix, *rows, initial=0):
    form = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


@kinds
def test_the_form_moves_an_edge_two_rows_share_and_names_what_overlaps(
    admin, owners, model, app, inline
):
    whose = owner(owners)
    early = one(model, whose, end="2026-10-11")
    late = one(model, whose, start="2026-10-11", value="b")
    url = f"/admin/{app}/{owners._meta.model_name}/{whose.pk}/change/"

    def save(edge, begins):
        form = {"external_id": "one", "name": "one", "status": "ACTIVE"}
        for prefix in ("aliases", "parents"):
            form |= rows_of_form(prefix)
        common = {"name": "tier", model.OWNER: whose.pk}
        form |= rows_of_form(
            "attributes",
            {**common, "id": early.pk, "value": "a", "valid_from": "", "valid_to": edge},
            {**common, "id": late.pk, "value": "b", "valid_from": begins, "valid_to": ""},
            {**common, "id": "", "value": "old", "valid_from": "", "valid_to": ""},
            initial=2,
        )
        form["attributes-2-name"] = "Tier two"
        return admin.post(url, form)

    overlapping = save("2026-10-21", "2026-10-20").content.decode()
    assert "These days overlap those of another row" in overlapping
    assert save("2026-10-21", "2026-10-21").status_code == 302
    found = model.objects.order_by("name", "valid_from").values_list("name", "value", "valid_from")
    assert [(name, value, str(start)) for name, value, start in found] == [
        ("Tier two", "old", "None"), ("tier", "b", "2026-10-21"), ("tier", "a", "None"),
    ]  # fmt: skip


def test_a_second_spelling_of_an_attribute_is_refused_in_a_sentence():
    whose = owner(Customer)
    one(CustomerAttribute, whose, name="tier")
    with pytest.raises(ValidationError, match="it is spelt 'tier' elsewhere"):
        CustomerAttribute(customer=owner(Customer, "two"), name="Tier", value="a").full_clean()
    with pytest.raises(ValidationError, match="is no name"):
        CustomerAttribute(customer=whose, name=" x", value="a").full_clean()


def parent(child, above, start=None, end=None):
    return CustomerParent.objects.create(
        customer=child, parent=above, valid_from=start, valid_to=end
    )


def test_the_database_refuses_a_circle_on_any_day_and_allows_who_turns_round():
    a, b, c = (owner(Customer, name) for name in "abc")
    parent(a, b, end="2026-07-01")
    parent(b, c)
    for child, above, start, end in (
        (c, a, None, None),
        (c, a, "2026-06-30", "2026-07-02"),
        (a, a, "2026-08-01", None),
    ):
        with pytest.raises(IntegrityError, match="above itself"), transaction.atomic():
            parent(child, above, start, end)
        with pytest.raises(ValidationError, match="belongs to"):
            CustomerParent(
                customer=child, parent=above, valid_from=start, valid_to=end
            ).full_clean()
    turned = parent(c, a, "2026-07-01")
    with pytest.raises(IntegrityError, match="above itself"), transaction.atomic():
        CustomerParent.objects.filter(pk=turned.pk).update(valid_from=None)
    with pytest.raises(IntegrityError, match="parent_no_overlap"), transaction.atomic():
        parent(b, a, "2026-01-01")
    d, e = owner(Customer, "d"), owner(Customer, "e")
    both = [CustomerParent(customer=d, parent=e), CustomerParent(customer=e, parent=d)]
    with pytest.raises(IntegrityError, match="above itself"), transaction.atomic():
        CustomerParent.objects.bulk_create(both)


@pytest.mark.django_db(transaction=True)
def test_two_halves_of_a_circle_at_once_are_refused_too():
    a, b = owner(Customer, "a"), owner(Customer, "b")

    def write(pair):
        try:
            with transaction.atomic():
                parent(*pair)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.2)")
        except IntegrityError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(write, [(a, b), (b, a)]))
    assert sorted(done) == [False, True]
    assert CustomerParent.objects.count() == 1


def test_the_form_of_a_customer_refuses_a_circle_with_a_sentence(admin):
    a, b = owner(Customer, "a"), owner(Customer, "b")
    parent(a, b)
    form = {"external_id": "b", "name": "b", "status": "ACTIVE"}
    row = {"customer": b.pk, "parent": a.pk, "id": "", "valid_from": "", "valid_to": ""}
    form |= rows_of_form("aliases") | rows_of_form("attributes") | rows_of_form("parents", row)
    page = admin.post(f"/admin/customers/customer/{b.pk}/change/", form).content.decode()
    assert "a belongs to b itself on some of these days" in page
    assert CustomerParent.objects.count() == 1


def number_of(admin, app, table, label):
    page = admin.get(f"/admin/{app}/{table}/export/").content.decode()
    return next(
        n for n, found in re.findall(r'<option value="(\d)"[^>]*>(\w+)', page) if found == label
    )


def export(admin, app, table, label="csv"):
    number = number_of(admin, app, table, label)
    return admin.post(f"/admin/{app}/{table}/export/", {"format": number}).content


def load(admin, app, table, content, label="csv"):
    """Preview a file, then import it as the page offers to."""
    url = f"/admin/{app}/{table}/import/"
    number = number_of(admin, app, table, label)
    sent = {"format": number, "import_file": SimpleUploadedFile(f"f.{label}", content)}
    page = admin.post(url, sent).content.decode()
    names = "import_file_name|original_file_name|format|resource"
    hidden = dict(re.findall(rf'name="({names})"[^>]*value="([^"]*)"', page))
    if "import_file_name" in hidden:
        admin.post(f"/admin/{app}/{table}/process_import/", hidden)
    return page


STRANGE = ("=1+1", "-cmd", "＝x", "-5", "'=1+1", "''@x", "'plain", 'a,"b"', "+49", "@me")


@kinds
def test_csv_out_and_in_again_gives_the_same_whatever_ids_begin_with(
    admin, owners, model, app, inline
):
    for name in STRANGE:
        whose = owner(owners, name)
        one(model, whose, value=name, end="2026-10-11")
        one(model, whose, value="later", start="2026-10-11")
    names = {model._meta.model_name: model, owners._meta.model_name: owners}
    files = {name: export(admin, app, name) for name in names}
    linked = sorted(model.objects.values_list(f"{model.OWNER}__external_id", "value", "valid_from"),
                    key=str)  # fmt: skip
    assert b"'=1+1" in files[model._meta.model_name]
    for table in names.values():
        table.objects.all().delete()
    for name in reversed(names):
        load(admin, app, name, files[name])
    again = model.objects.values_list(f"{model.OWNER}__external_id", "value", "valid_from")
    assert sorted(again, key=str) == linked
    assert sorted(owners.objects.values_list("external_id", flat=True)) == sorted(STRANGE)
    for name in names:
        load(admin, app, name, files[name])
        assert export(admin, app, name) == files[name]
    assert model.objects.count() == 2 * len(STRANGE)


def test_parents_by_csv_name_both_customers_and_a_circle_is_named_in_the_preview(admin):
    for name in ("=a", "b", "c"):
        owner(Customer, name)
    head = b"customer,parent,valid_from,valid_to\n"
    load(admin, "customers", "customerparent", head + b"'=a,b,,2026-10-11\n'=a,c,2026-10-11,\n")
    found = CustomerParent.objects.order_by("valid_to").values_list(
        "customer__external_id", "parent__external_id"
    )
    assert list(found) == [("=a", "b"), ("=a", "c")]
    page = load(admin, "customers", "customerparent", head + b"c,'=a,,\n")
    assert "=a belongs to c itself on some of these days" in page
    assert CustomerParent.objects.count() == 2


def test_xlsx_comes_back_unchanged_too(admin):
    for name in STRANGE:
        owner(Customer, name)
    content = export(admin, "customers", "customer", "xlsx")
    Customer.objects.all().delete()
    load(admin, "customers", "customer", content, "xlsx")
    assert sorted(Customer.objects.values_list("external_id", flat=True)) == sorted(STRANGE)
