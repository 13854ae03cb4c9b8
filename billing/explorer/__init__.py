"""The explorer: any dimensions against any measures, as a table whose cells sum to its totals."""

from billing.explorer.address import parse
from billing.explorer.question import Exploration, WrongQuestionError

__all__ = ["Exploration", "WrongQuestionError", "parse"]
