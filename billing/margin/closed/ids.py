"""The ids behind labels, so that a dimension invented later can be joined to a frozen row."""

from collections.abc import Mapping

from customers.models import Customer, EndUser, Team
from usage.models import Feature


class Ids:
    """Customers, teams, features and end users by their external ids, read once."""

    def __init__(self) -> None:
        """Read them."""
        self._known: dict[str, dict[str, int]] = {
            name: dict(model._default_manager.values_list("external_id", "pk"))
            for name, model in (
                ("customer", Customer),
                ("team", Team),
                ("feature", Feature),
                ("end_user", EndUser),
            )
        }

    def of(self, labels: Mapping[str, str], end_user: str) -> dict[str, int | None]:
        """Return the ids a row's labels name; None for what names nothing."""
        named = {**labels, "end_user": end_user}
        return {f"{name}_id": known.get(named.get(name, "")) for name, known in self._known.items()}
