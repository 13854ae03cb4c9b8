"""A view of the API whose answer is freed once it is sent, not when the collector comes by."""

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.response import Response
from rest_framework.views import APIView


class AnswerView(APIView):
    """For answers that may be large: keeps them out of the rings REST framework ties.

    View → its answer, and answer → context → answer: in them a report of megabytes waits, as rows
    and as text, for a full collection, which comes after millions of objects (tknops/wsgi.py).
    """

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and keep nothing of it."""
        answer: HttpResponseBase = super().dispatch(*args, **kwargs)
        # The view is a ring by itself: its `head` is its own `get`.
        del self.response
        if isinstance(answer, Response):
            answer.add_post_render_callback(_forget_context)
        return answer


def _forget_context(answer: Response) -> None:
    """Let go of what it was rendered by, itself among it."""
    answer.renderer_context.clear()  # type: ignore[attr-defined]
