"""Closed months survive a restore, and verify_closed finds what was changed in it.

python -m drills.restored_months [--events 3000]

The demo company's last two full months are closed. The database is dumped and restored into
another server, the frozen files are copied, as docs/operations.md says. There the cube is rebuilt
and verify_closed must find 0 differences. The control changes one thing at a time and puts it
back: a byte of a frozen file, a file taken away, a figure or an entry of the journal in a manifest,
a close that names another file with its digest. verify_closed must find each. Exits 1 if not.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.installation import Installation, installation
from tknops.embedded import binaries, database
from tknops.embedded.account import Account

_CLOSE = """
import django

django.setup()
from django.utils import timezone

from billing.closing import checked, close_month, sign
from tknops.calendar import add_months, month_start

this = month_start(timezone.localdate())
for month in (add_months(this, -2), add_months(this, -1)):
    for one in checked(month):
        if not one.settled:
            sign(month=month, name=one.check.name, note="drill", signed_name="drill")
    print(close_month(month=month, now=timezone.now()))
"""
_TRIGGERS = "ALTER TABLE billing_monthclose {} TRIGGER USER"


def main() -> None:
    """Close, dump, restore, verify, change, verify."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=3_000)
    asked = parser.parse_args()
    folder, began = Path(tempfile.mkdtemp(prefix="tknops-drill-")), time.monotonic()
    with installation(folder / "data") as (made, _):
        made.manage("setup_installation", owner=True)
        url = f"http://127.0.0.1:{made.port}"
        made.manage("demo", "--events", str(asked.events), "--url", url)
        made.manage("fold")
        print(made.python(_CLOSE), end="")
        found = verified(made)
        print(f"before: {found[-1]}")
        with restored(made, folder) as other:
            cube = other.manage("verify_cube").strip().splitlines()[-1]
            after = verified(other)
            print(f"restored: {after[-1]}; cube: {cube}")
            missed = [name for name in CHANGES if not _is_found(other, name)]
            back = verified(other)
            print(f"all put back: {back[-1]}")
    clean = all(lines[-1].endswith("2 closes, 0 differences") for lines in (found, after, back))
    print(f"{len(CHANGES)} changes, {len(missed)} not found, in {time.monotonic() - began:.0f} s")
    sys.exit(0 if clean and not missed else 1)


@contextmanager
def restored(made: Installation, folder: Path) -> Iterator[Installation]:
    """Restore an installation into a server of its own, as the documentation says."""
    other, dump = Installation(folder / "restored"), folder / "tknops.dump"
    try:
        other.folder.mkdir()
        _program(made, "pg_dump", "--format=custom", f"--file={dump}")
        shutil.copytree(made.folder / "closed", other.folder / "closed")
        shutil.copy2(made.folder / "secret_key", other.folder)
        other.start_database()
        _program(other, "pg_restore", "--clean", "--if-exists", "--exit-on-error", str(dump))
        other.manage("rebuild_cube")
        yield other
    finally:
        other.end()
        dump.unlink(missing_ok=True)


def _program(made: Installation, name: str, *arguments: str) -> None:
    to = database(made.folder, role="owner")
    folder = binaries.find(made.layout, Account.current())
    where = f"host={to['HOST']} port={to['PORT']} user={to['USER']} dbname={to['NAME']}"
    subprocess.run([folder / name, *arguments, f"--dbname={where}"], check=True)


def verified(made: Installation) -> list[str]:
    """Return what verify_closed says."""
    try:
        return made.manage("verify_closed").strip().splitlines()
    except subprocess.CalledProcessError as error:
        return str(error.stderr).strip().splitlines()


def _is_found(made: Installation, name: str) -> bool:
    """Make a change in a copy of files and rows, verify, put both back."""
    kept, closed = made.folder / "kept", made.folder / "closed"
    shutil.copytree(closed, kept)
    made.sql("CREATE TABLE drill_kept AS SELECT * FROM billing_monthclose", owner=True)
    made.sql(_TRIGGERS.format("DISABLE"), owner=True)
    try:
        expected = CHANGES[name](made)
        found = verified(made)
    finally:
        made.sql(
            "UPDATE billing_monthclose c SET manifest = k.manifest, sha256 = k.sha256, "
            "file_name = k.file_name, file_sha256 = k.file_sha256 FROM drill_kept k "
            "WHERE k.id = c.id",
            owner=True,
        )
        made.sql(_TRIGGERS.format("ENABLE"), owner=True)
        made.sql("DROP TABLE drill_kept", owner=True)
        shutil.rmtree(closed)
        kept.rename(closed)
    told = [line for line in found if expected in line]
    print(f"{'found' if told else 'MISSED':<6} {name}: {(told or found)[0]}")
    return bool(told)


def _a_byte(made: Installation) -> str:
    path = _first(made)
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return "is not the one that was closed"


def _a_file(made: Installation) -> str:
    _first(made).unlink()
    return "is missing"


def _a_figure(made: Installation) -> str:
    made.sql(
        "UPDATE billing_monthclose SET manifest = jsonb_set(manifest, "
        "'{figures,regular,revenue}', '\"1.00\"') WHERE id = (SELECT min(id) FROM "
        "billing_monthclose)",
        owner=True,
    )
    return "the manifest is not the one that was closed"


def _an_entry(made: Installation) -> str:
    made.sql(
        "UPDATE billing_monthclose SET manifest = jsonb_set(manifest, "
        "'{journal,entries,0,lines,0,2}', '1') WHERE id = (SELECT min(id) FROM "
        "billing_monthclose)",
        owner=True,
    )
    return "of the journal does not balance"


def _another_file(made: Installation) -> str:
    made.sql(
        "UPDATE billing_monthclose c SET file_name = o.file_name || '.x', "
        "file_sha256 = o.file_sha256 FROM billing_monthclose o WHERE o.id = c.id + 1",
        owner=True,
    )
    for path in sorted((made.folder / "closed").glob("*.parquet")):
        shutil.copy2(path, path.with_name(f"{path.name}.x"))
    return "the manifest names another file"


def _first(made: Installation) -> Path:
    return min((made.folder / "closed").glob("*.parquet"))


CHANGES: dict[str, Callable[[Installation], str]] = {
    "a byte of a frozen file": _a_byte,
    "a frozen file taken away": _a_file,
    "a figure of a manifest": _a_figure,
    "an entry of a frozen journal": _an_entry,
    "a close that names another month's file": _another_file,
}

if __name__ == "__main__":
    main()
