"""How the API key stands in the OpenAPI document."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A bearer token."""

    target_class = "usage.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "description": "tko_…, scope reports:read"}


class BillingKeyScheme(ApiKeyScheme):  # type: ignore[no-untyped-call]
    """A bearer token that may send billing files."""

    target_class = "usage.api.authentication.BillingKeyAuthentication"
    name = "billingKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "description": "tko_…, scope billing:write"}
