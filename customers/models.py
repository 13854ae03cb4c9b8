"""WHO: customers, the names they go by, their attributes, end users and teams."""

from django.db import models
from django.db.models.functions import Length

from tknops.audit import audited
from tknops.database import ends_after_start, no_overlap

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
class CustomerAttribute(models.Model):
    """A dated attribute: tier, segment, region or whatever the company reports by."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="attributes")
    name = models.SlugField(max_length=64, allow_unicode=False)
    value = models.CharField(max_length=200)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty = still so.")
    # An integer stand-in for the name, so that the overlap rule needs no extension.
    name_hash = models.GeneratedField(
        expression=models.Func(models.F("name"), models.Value(0), function="hashtextextended"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            ends_after_start("customers_attribute_ends_after_start"),
            no_overlap("customers_attribute_no_overlap", "customer_id", "name_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"


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
