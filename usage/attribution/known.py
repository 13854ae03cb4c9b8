"""Which references mean a customer of ours."""

from customers.models import Customer, CustomerAlias


def known_customers() -> set[str]:
    """Return every external id and alias."""
    names = Customer.objects.values_list("external_id", flat=True)
    return {*names, *CustomerAlias.objects.values_list("alias", flat=True)}
