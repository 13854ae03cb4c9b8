"""What attributions refer to is there, though no foreign key looks each row up."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from customers.models import Customer, EndUser, Team
from tests.usage.test_attribution_rules import context
from usage.models import Attribution, AttributionRun, Feature

NOBODY = 987_654_321


@pytest.fixture
def row(source):
    run = AttributionRun.objects.create(reason="by hand")
    return Attribution(context=context(source), run=run)


@pytest.mark.parametrize(
    "column",
    ["context", "customer", "end_user", "feature", "team", "run", "superseded_by"],
)
def test_a_reference_to_what_is_not_there_is_refused(row, column):
    row.save()
    change = Attribution.objects.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match=f"refers to {NOBODY} of"), transaction.atomic():
        change.update(**{f"{column}_id": NOBODY})
    change.delete()
    row.pk = None
    setattr(row, f"{column}_id", NOBODY)
    with pytest.raises(IntegrityError, match=f"refers to {NOBODY} of"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("column", "model"),
    [("customer", Customer), ("end_user", EndUser), ("feature", Feature), ("team", Team)],
)
def test_what_is_referred_to_is_not_deleted_but_by_django_which_unsets_it(row, column, model):
    meant = model.objects.create(external_id="x")
    setattr(row, column, meant)
    row.save()
    with pytest.raises(IntegrityError, match="attributions refer to"), transaction.atomic():
        model.objects.filter(pk=meant.pk)._raw_delete(using="default")
    meant.delete()
    assert getattr(Attribution.objects.get(pk=row.pk), column) is None


@pytest.mark.parametrize("column", ["context", "run"])
def test_a_context_or_run_with_attributions_is_not_deleted(row, column):
    row.save()
    referred = getattr(row, column)
    with pytest.raises(IntegrityError, match="attributions refer to"), transaction.atomic():
        type(referred).objects.filter(pk=referred.pk)._raw_delete(using="default")


@pytest.mark.django_db(transaction=True)
def test_a_customer_being_deleted_cannot_be_referred_to_meanwhile(row):
    customer = Customer.objects.create(external_id="leaves")
    row.customer_id = customer.pk
    refused = []

    def refer():
        try:
            row.save()
        except IntegrityError as error:
            refused.append(str(error))
        finally:
            connection.close()

    other = threading.Thread(target=refer)
    with transaction.atomic():
        customer.delete()
        other.start()
        other.join(0.5)
        assert other.is_alive()  # it waits for the deletion
    other.join(10)
    assert "which is not there" in refused[0]
    assert not Attribution.objects.exists()
