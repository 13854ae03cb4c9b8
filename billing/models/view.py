"""A question to the explorer kept under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tknops.audit import audited

LONGEST_QUERY = 4000


@audited()
class SavedView(models.Model):
    """The address of a question; its owner's alone unless shared."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    query = models.CharField(max_length=LONGEST_QUERY)
    shared = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False, help_text="Whether it stands in the navigation.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        permissions = [("share_savedview", "Can share saved views")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="billing_savedview_name_unique_per_owner"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="billing_savedview_named"),
        ]

    def __str__(self) -> str:
        return self.name
