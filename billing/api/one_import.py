"""GET …/<id> of an import, and what is answered where the very same was sent before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from usage.api.answered import AnswerView
from usage.api.authentication import BillingKeyAuthentication, HasKey


@dataclass(frozen=True, slots=True)
class Kind:
    """What is imported: its word, how an import is read by its key, and how it is written."""

    word: str
    rows: Callable[[], QuerySet[Any]]
    as_dict: Callable[[Request, Any], dict[str, Any]]

    def known(self, request: Request, made: Any) -> Response:
        """Answer that it was sent before: 202 while it is not imported yet."""
        found = self.as_dict(request, made)
        if made.applied_at is None:
            return Response(found, status=202)
        when = f"{timezone.localtime(made.applied_at):%Y-%m-%d %H:%M}"
        said = f"This very {self.word} was imported on {when} by {made.sender}"
        return Response(found | {"detail": f"{said}; nothing was changed."})


class OneImportView(AnswerView):
    """One import of a kind."""

    authentication_classes = [BillingKeyAuthentication]
    permission_classes = [HasKey]
    kind: ClassVar[Kind]

    def get(self, request: Request, pk: int) -> Response:
        """Answer how an import stands that was sent with a key of the same source."""
        key: Any = request.auth
        made = self.kind.rows().filter(api_key__source_id=key.source.pk, pk=pk).first()
        if made is None:
            message = f"No {self.kind.word} of this id was sent with a key of this source."
            raise NotFound(message)
        return Response(self.kind.as_dict(request, made))
