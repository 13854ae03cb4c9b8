"""53 ways to change a closed month, each tried on a real installation: how many change it.

python -m drills.closed_month [--events 6000]

The demo company's last full month is closed; then each way is tried as whoever would try it: over
HTTP, in the admin's domain calls, by the ORM, by SQL as the application's role, by commands and
settings. After each, reports of the month by several dimensions and every basis, the hash of its
file, and its journal with the CSV of it must be what they were. What changed must stand in the open
month, balanced. The control opens the month again: figures and journal must then be others.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from drills.installation import installation

_DOMAIN = Path(__file__).parent / "closed_month_ways.py"


def main() -> None:
    """Close, try, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=6_000)
    asked = parser.parse_args()
    with installation(Path(tempfile.mkdtemp(prefix="tknops-drill-")) / "data") as (made, key):
        url = f"http://127.0.0.1:{made.port}"
        made.manage("setup_installation", owner=True)
        made.manage("demo", "--events", str(asked.events), "--url", url)
        made.manage("fold")
        began = time.monotonic()
        found = json.loads(made.python(_DOMAIN.read_text(), url, key).splitlines()[-1])
    for name, how in found["ways"]:
        print(f"{how:<9} {name}")
    ways = [how for _, how in found["ways"]]
    print(
        f"{len(ways)} ways: changed {ways.count('changed')}, refused {ways.count('refused')}, "
        f"allowed and posted elsewhere {ways.count('allowed')}, in {time.monotonic() - began:.0f} s"
    )
    print(
        f"month {found['month']}: {found['reports']} reports of {found['rows']:,} rows compared "
        f"after each; closed in {found['seconds']} s; verify_closed: {found['verified']}"
    )
    print(
        f"journal: {found['entries']} entries compared after each; what changed is "
        f"{found['corrected']} corrections in the open month; {found['unbalanced']} do not balance"
    )
    print(f"adjustments in the open month: {found['adjustments']} of {found['money']}")
    print(f"control, opened again and a price changed: {found['control']}")


if __name__ == "__main__":
    main()
