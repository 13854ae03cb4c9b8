"""Drive an installation with what others wrote, and compare each call with the provider's count.

python -m drills.clients [--only NAME …] [--cache FOLDER]
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from drills.clients.compare import compare
from drills.clients.costs import compare_costs, stated_costs
from drills.clients.emitters import EMITTERS, Emitter
from drills.clients.environments import BASE, NoRegistryError, python_of, run
from drills.clients.ledger import TAG, batches_of, reported_costs, stored_by
from drills.clients.provider import Provider
from drills.clients.relay import Relay
from drills.clients.sent import records
from drills.clients.table import Row, show
from drills.installation import Installation, installation


def main() -> int:
    """Run every emitter, compare, print; 1 if tknOps lost or double counted anything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", help="Emitters; default: all.")
    parser.add_argument("--cache", type=Path, default=BASE / ".cache" / "clients")
    asked = parser.parse_args()
    chosen = [one for one in EMITTERS if not asked.only or one.name in asked.only]
    try:
        pythons = {name: python_of(name, cache=asked.cache) for name in _requirements(chosen)}
    except NoRegistryError as error:
        print(error, file=sys.stderr)
        return 2
    os.environ["OTLP_TAG_ATTRIBUTES"] = TAG
    with installation(Path(tempfile.mkdtemp(prefix="tknops-drill-")) / "data") as (made, _):
        made.manage("sync_prices")
        rows = [_drive(made, one, pythons[one.requirements]) for one in chosen]
        made.manage("fold")
        reported = reported_costs(made)
        for row in rows:
            row.cost, row.cost_differences = compare_costs(row.emitter.name, row.stored, reported)
        verified = made.manage("verify_cube").strip()
    show(rows)
    print(f"verify_cube: {verified}")
    return int(any(row.fails for row in rows))


def _requirements(chosen: list[Emitter]) -> list[str]:
    return list(dict.fromkeys(one.requirements for one in chosen))


def _drive(made: Installation, emitter: Emitter, python: Path) -> Row:
    """Let an emitter make its calls and send; read what came of it."""
    key = made.manage("create_api_key", "--source", emitter.name, "--scope", "events:write")
    key = key.strip().splitlines()[-1]
    provider, relay = Provider(), Relay(made.port)
    print(f"{emitter.name} …", file=sys.stderr)
    trouble = run(
        python,
        emitter.command,
        said={
            "PROVIDER_URL": provider.url,
            "OPENAI_BASE_URL": f"{provider.url}/v1",
            "ANTHROPIC_BASE_URL": provider.url,
            "OPENAI_API_KEY": "none",
            "ANTHROPIC_API_KEY": "none",
            "OTEL_EXPORTER_OTLP_ENDPOINT": relay.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {key}",
            "GENERIC_LOGGER_ENDPOINT": f"{relay.url}/api/v1/integrations/litellm",
            "GENERIC_LOGGER_HEADERS": f"Authorization=Bearer {key}",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        },
    )
    provider.shutdown()
    relay.shutdown()
    stored = stored_by(made, emitter.name)
    found = compare(provider.calls, records(relay.sent), stored)
    found.wrong += _refusals(relay, trouble)
    return Row(emitter, found, stored, batches_of(made, emitter.name), stated_costs(stored))


def _refusals(relay: Relay, trouble: str) -> list[str]:
    refused = [
        f"answer {one.status} to {one.path}: {one.answer[:200]!r}"
        for one in relay.sent
        if one.status != 200
    ]
    return refused + ([f"the program failed: {trouble}"] if trouble else [])


if __name__ == "__main__":
    sys.exit(main())
