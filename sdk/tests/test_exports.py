import subprocess
import sys

import tknops_sdk


def test_exported_names():
    assert tknops_sdk.__all__ == [
        "__version__", "attribute", "carry", "close", "flush", "init", "instrument", "propagate",
        "record", "stats", "uninstrument", "wrap",
    ]  # fmt: skip
    for name in tknops_sdk.__all__:
        assert hasattr(tknops_sdk, name)


def test_import_brings_no_package_and_nothing_slow():
    """Without the standard library's slow ones an import takes a few milliseconds of its own."""
    code = (
        "import sys; before = set(sys.modules); import tknops_sdk;"
        "new = {n.split('.')[0] for n in set(sys.modules) - before};"
        "known = getattr(sys, 'stdlib_module_names', new);"
        "print(sorted(n for n in new if n not in known and n != 'tknops_sdk'),"
        "sorted({'asyncio', 'ssl', 'http', 'logging', 'inspect', 'dataclasses', 'uuid'} & new))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": "src"}, cwd=str(__import__("pathlib").Path(__file__).parent.parent),
    )  # fmt: skip
    assert done.stdout.split() == ["[]", "[]"]
