"""Closed months: what was frozen, by whom, after which checks; facts, but for open requests."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tknops.audit import audited

_USER = settings.AUTH_USER_MODEL


class MonthClose(models.Model):
    """A month's figures as frozen: the file, its digest, and the manifest that vouches for it.

    `sha256` is the digest of the manifest, which holds the one before: a chain in order of
    closing. The newest revision that was not opened again is in force. Never changed.
    """

    month = models.DateField(help_text="Its first day.")
    revision = models.PositiveIntegerField()
    file_name = models.CharField(max_length=200, unique=True)
    file_sha256 = models.CharField(max_length=64)
    manifest = models.JSONField()
    sha256 = models.CharField(max_length=64, unique=True)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    closed_by = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField()

    class Meta:
        verbose_name = "closed month"
        permissions = [
            ("close_month", "Can close months, open them again and sign checks"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "revision"], name="billing_monthclose_revision_unique"
            ),
            models.UniqueConstraint(
                fields=["previous_sha256"], name="billing_monthclose_chain_is_a_line"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, revision__gte=1), name="billing_monthclose_first_day"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(closed_by=None) | ~Q(approved_by=F("closed_by")),
                name="billing_monthclose_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} revision {self.revision}"


class Reopening(models.Model):
    """A closed month opened again: why and by whom; its file stays readable. Never changed."""

    close = models.OneToOneField(MonthClose, on_delete=models.PROTECT, related_name="reopening")
    reason = models.CharField(max_length=500)
    reopened_by = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reopened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="billing_reopening_has_reason"),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | Q(reopened_by=None)
                | ~Q(approved_by=F("reopened_by")),
                name="billing_reopening_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.close} opened again"


class CheckSignature(models.Model):
    """A named person takes a check's finding as it is; another finding needs another. A fact."""

    month = models.DateField()
    check_name = models.CharField(max_length=50)
    finding = models.CharField(max_length=500, help_text="The sentence that was signed.")
    note = models.CharField(max_length=500)
    signed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT)
    signed_name = models.CharField(max_length=200, help_text="Who, in words.")
    signed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["month", "check_name"], name="billing_signature_of_month")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(note="") & ~Q(signed_name=""), name="billing_checksignature_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_name} of {self.month:%Y-%m}"


class TieOut(models.Model):
    """What another book says of a month, to be compared with ours; the newest counts. A fact."""

    class Figure(models.TextChoices):
        """What is compared."""

        INVOICED = "INVOICED", "invoices dated in the month, by the biller"
        REVENUE = "REVENUE", "revenue, by the general ledger"
        COST = "COST", "AI cost, by the general ledger"

    month = models.DateField()
    figure = models.CharField(max_length=10, choices=Figure)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    note = models.CharField(max_length=500, blank=True)
    entered_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT)
    entered_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["month", "figure"], name="billing_tieout_of_month")]
        constraints = [
            models.CheckConstraint(
                condition=Q(figure__in=["INVOICED", "REVENUE", "COST"]),
                name="billing_tieout_figure_known",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="billing_tieout_currency_is_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.figure} of {self.month:%Y-%m}"


@audited()
class CloseRequest(models.Model):
    """Somebody asks to close a month or to open it again, for another person to decide."""

    class Kind(models.TextChoices):
        """What is asked for."""

        CLOSE = "CLOSE", "close"
        REOPEN = "REOPEN", "open again"

    class Decision(models.TextChoices):
        """What became of it."""

        WAITING = "WAITING", "waiting"
        APPROVED = "APPROVED", "approved"
        DECLINED = "DECLINED", "declined"

    month = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind)
    reason = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    decision = models.CharField(max_length=8, choices=Decision, default=Decision.WAITING)
    decided_by = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(decision="WAITING"),
                name="billing_closerequest_one_waits",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["CLOSE", "REOPEN"])
                & Q(decision__in=["WAITING", "APPROVED", "DECLINED"]),
                name="billing_closerequest_codes_known",
            ),
            models.CheckConstraint(
                condition=~Q(decision="APPROVED")
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
                name="billing_closerequest_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month:%Y-%m}"
