"""Price changes somebody must look at before they count."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tknops.database import not_nan
from usage.models.price import Price, PriceRevision, PriceTerms


class PriceProposal(models.Model):
    """The changes one price file or sync would make to prices in use."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "OPEN", "waits for approval"
        DECIDED = "DECIDED", "decided"
        REPLACED = "REPLACED", "replaced by a newer one"

    source = models.CharField(max_length=30)
    source_version = models.CharField(max_length=50, blank=True)
    origin = models.CharField(max_length=200, help_text="The file's name, or the package.")
    fingerprint = models.CharField(max_length=64, help_text="Of all its lines.")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="price_proposals",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(state="OPEN"),
                name="usage_priceproposal_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"prices of {self.origin}"


class ProposedPrice(PriceTerms):
    """A line of a proposal: a price to add, to put in place of one, or one to withdraw."""

    class Action(models.TextChoices):
        """What approving it does."""

        ADD = "ADD", "new"
        CHANGE = "CHANGE", "change"
        WITHDRAW = "WITHDRAW", "gone"

    class Decision(models.TextChoices):
        """What a person said."""

        OPEN = "OPEN", "open"
        APPROVED = "APPROVED", "approved"
        REJECTED = "REJECTED", "rejected"

    proposal = models.ForeignKey(PriceProposal, on_delete=models.PROTECT, related_name="lines")
    action = models.CharField(max_length=10, choices=Action)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    replaces = models.ForeignKey(
        Price, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revision = models.ForeignKey(
        PriceRevision, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(per_million__gte=0), name="usage_proposedprice_not_negative"
            ),
            not_nan("usage_proposedprice_not_nan", "per_million"),
            models.CheckConstraint(
                condition=Q(action="ADD") ^ Q(replaces__isnull=False),
                name="usage_proposedprice_names_what_it_replaces",
            ),
        ]
