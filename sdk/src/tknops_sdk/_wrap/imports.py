"""Do something once a module is imported, now or later: none is imported on the host's behalf."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable, Optional

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

Done = Callable[[ModuleType], None]


class _Then:
    """Loads as the module's own loader does, then calls."""

    def __init__(self, loader: Any, then: Callable[[ModuleType], None]) -> None:
        self._loader, self._then = loader, then

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        made: Optional[ModuleType] = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        # From here on the module is as if we had never been there.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._then(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


class WhenImported:
    """Waits for modules by name."""

    def __init__(self) -> None:
        """Begin waiting for none."""
        self._waiting: dict[str, Done] = {}

    def add(self, name: str, done: Done) -> None:
        """Call `done` with the module: at once if it is imported."""
        module = sys.modules.get(name)
        if module is not None:
            done(module)
            return
        self._waiting[name] = done
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def forget(self) -> None:
        """Wait for none any more."""
        self._waiting.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        """Find what is waited for as everyone does, with our loader around its own."""
        done = self._waiting.pop(fullname, None)
        if done is None:
            return None
        from importlib.util import find_spec

        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Then(spec.loader, done)  # type: ignore[assignment]
        return spec
