"""What happened, to look at only."""

import datetime as dt
import json
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from unfold.admin import ModelAdmin


class FactAdmin(ModelAdmin):
    """Facts are neither added nor changed nor deleted by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody may."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may."""
        return False


def when(moment: dt.datetime) -> str:
    """Show an instant in the reporting zone."""
    return f"{localtime(moment):%Y-%m-%d %H:%M:%S %Z}"


def as_json(value: Any) -> str:
    """Write JSON as it reads best."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def pretty(value: Any) -> SafeString:
    """Show JSON."""
    return format_html('<pre class="tk-json">{}</pre>', as_json(value))
