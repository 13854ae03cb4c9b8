"""The list of the cube's immutable Parquet files."""

from django.db import models


class CubeSegment(models.Model):
    """One Parquet file of daily sums; a compacted one is replaced and deleted later."""

    path = models.CharField(max_length=200, unique=True)
    first_day = models.DateField()
    last_day = models.DateField()
    rows = models.BigIntegerField()
    events = models.BigIntegerField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    received_to = models.DateTimeField(help_text="The latest batch it holds was received then.")
    created_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day"), rows__gt=0),
                name="usage_segment_range_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.path
