"""How many rows a report may have where others wait for the process that makes it."""

from collections.abc import Sequence


class TooManyRowsError(ValueError):
    """A report of more rows than may be asked for here; says what to do instead."""

    def __init__(self, by: Sequence[str], most: int) -> None:
        super().__init__(
            f"The report by {', '.join(by)} has more than {most:,} rows. Ask for a shorter "
            "period, fewer dimensions or a filter, or ask `manage.py margin`, which has no limit."
        )


def check_rows(count: int, by: Sequence[str], most: int | None) -> None:
    """Raise TooManyRowsError where a report has more rows than `most`; None: no limit."""
    if most is not None and count > most:
        raise TooManyRowsError(by, most)
