"""WHO: customers, the names they go by, their attributes, end users and teams."""

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models.functions import Length

from customers.dated import Dated, DatedAttribute, attribute_rules, parent_rules
from tknops.audit import audited

models.CharField.register_lookup(Length)


@audited()
class Customer(models.Model):
    """A paying (or trying) account of ours."""

    class Status(models.TextChoices):
        """Whether it is still ours."""

        ACTIVE = "ACTIVE", "active"
        CHURNED = "CHURNED", "churned"

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    owner = models.CharField(max_length=200, blank=True, help_text="Who looks after the account.")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(external_id__length__gt=0), name="customers_customer_has_id"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["ACTIVE", "CHURNED"]),
                name="customers_customer_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class CustomerAlias(models.Model):
    """Another id a customer goes by: in usage, at a biller, an e-mail domain."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "customer aliases"

    def __str__(self) -> str:
        return self.alias


@audited(exclude=["name_hash"])
class CustomerAttribute(DatedAttribute):
    """A dated attribute of a customer."""

    OWNER = "customer"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="attributes")

    class Meta:
        constraints = attribute_rules("customers_attribute", "customer")


@audited()
class CustomerParent(Dated):
    """The customer another belongs to: a group is all that have the same topmost parent.

    A customer that would come to stand above itself on some day is refused by a trigger, which
    asks the function `customers_closes_cycle`.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="children")

    class Meta:
        verbose_name = "parent of a customer"
        verbose_name_plural = "parents of customers"
        constraints = parent_rules("customers_parent", "customer")

    def __str__(self) -> str:
        return f"{self.customer} belongs to {self.parent} {self.days}"

    def clean(self) -> None:
        """Refuse a customer that would stand above itself. Raises ValidationError."""
        if self.customer_id and self.parent_id and closes_cycle(self):
            message = f"{self.parent} belongs to {self.customer} itself on some of these days"
            raise ValidationError({"parent": message})


def closes_cycle(row: CustomerParent) -> bool:
    """Tell whether the row would make a circle with those stored. Raw SQL: as the trigger asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customers_closes_cycle(%s, %s, %s, %s)",
            [row.customer_id, row.parent_id, row.valid_from, row.valid_to],
        )
        found = cursor.fetchone()
    return bool(found and found[0])


@audited(inserts=False)
class EndUser(models.Model):
    """A person at a customer who uses the product."""

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200, blank=True)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        return self.name or self.external_id


@audited()
class Team(models.Model):
    """A team of our own company that causes AI cost."""

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


@audited(exclude=["name_hash"])
class EndUserAttribute(DatedAttribute):
    """A dated attribute of an end user."""

    OWNER = "end_user"

    end_user = models.ForeignKey(EndUser, on_delete=models.CASCADE, related_name="attributes")

    class Meta:
        constraints = attribute_rules("customers_enduserattribute", "end_user")


@audited(exclude=["name_hash"])
class TeamAttribute(DatedAttribute):
    """A dated attribute of a team."""

    OWNER = "team"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="attributes")

    class Meta:
        constraints = attribute_rules("customers_teamattribute", "team")


@audited()
class EndUserAlias(models.Model):
    """Another reference an end user is sent under."""

    end_user = models.ForeignKey(EndUser, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=200, unique=True)

    class Meta:
        verbose_name_plural = "end user aliases"

    def __str__(self) -> str:
        return self.alias


@audited()
class TeamAlias(models.Model):
    """Another reference a team is sent under."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=200, unique=True)

    class Meta:
        verbose_name_plural = "team aliases"

    def __str__(self) -> str:
        return self.alias
