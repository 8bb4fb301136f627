"""Every API of a real house, asked what its own document allows and much that it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from banyan import wiring
from banyan.gateway.apidocs import list_documents
from banyan.kernel.engine.settings import Settings
from banyan.tmf.apis import API
from tests.cli.running import RunningHouse, environment

SEED = 20_260
WITHIN_S = 1_800.0


def find_bases(*, newest: bool = False) -> list[str]:
    """The base path of every API a whole house serves, in every generation or the newest only."""
    rooms = [make(Settings()) for make in wiring.BUILDERS.values()]
    apis = frozenset(row.api for room in rooms for row in room.resources)
    if newest:
        versions = [API[name].version(API[name].generations[-1]) for name in sorted(apis)]
        return [version.base_path for version in versions]
    return [base for _, base in list_documents(apis)]


def attack(house: RunningHouse, base: str, cases: int, folder: Path) -> str:
    """Send ``cases`` requests per operation of one document; what was found wrong, or nothing."""
    token = (house.folder / "admin.token").read_text("utf-8").strip()
    mine = {"authorization": f"Bearer {token}"}
    document = folder / "openapi.json"
    document.write_bytes(httpx.get(f"{house.url}{base}/openapi.json", headers=mine).content)
    done = subprocess.run(
        [
            sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
            "run", str(document), "--url", f"{house.url}{base}", "--header",
            f"Authorization: Bearer {token}", "--checks", "not_a_server_error",
            "--max-examples", str(cases), "--phases", "fuzzing", "--suppress-health-check", "all",
            "--seed", str(SEED),
        ],
        cwd=folder, env=environment(), capture_output=True, text=True, timeout=WITHIN_S,
        check=False,
    )  # fmt: skip
    said = f"{done.stdout}\n{done.stderr}"
    if done.returncode == 0 and " generated, " in said:
        return ""
    return said[-4_000:]
