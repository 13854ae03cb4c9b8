"""The basis of cost of a page: ?basis=, kept wherever one drills."""

from dataclasses import dataclass

from django.http import HttpRequest

from billing.measures import COST_BASES, UnknownBasisError

BASIS_LABELS = {"contracted": "Contracted", "list": "List", "stated": "Provider-stated"}


@dataclass(frozen=True, slots=True)
class BasisChoice:
    """A basis the switch offers."""

    name: str
    label: str
    meaning: str
    is_chosen: bool


def cost_basis(request: HttpRequest) -> str:
    """Read ?basis=, the default if there is none. Raises UnknownBasisError."""
    basis = request.GET.get("basis") or next(iter(COST_BASES))
    if basis not in COST_BASES:
        raise UnknownBasisError(basis)
    return basis


def bases(chosen: str) -> list[BasisChoice]:
    """Offer every basis."""
    return [
        BasisChoice(name, BASIS_LABELS[name], meaning, name == chosen)
        for name, meaning in COST_BASES.items()
    ]
