"""Every rule of tools/tidy.py bites what it forbids, and lets pass what only looks like it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import tidy
from rules.names import words
from rules.source import Source

ROOT = Path(__file__).resolve().parents[2]


class Planted(NamedTuple):
    """A file that breaks ``rule``, and one nearby that does not; both may say where they are."""

    rule: str
    bad: str
    fine: str
    path: str = "tests/test_it.py"
    fine_path: str = ""


SERVICE = "src/banyan/components/party/service.py"
CLOCK = "src/banyan/kernel/engine/clock.py"
MINT = "src/banyan/kernel/engine/mint.py"
POLICY = "src/banyan/components/catalog/policy/rating.py"
DOC = '"""What it is."""\n'

PLANTED = {
    "a file has at most 500 lines": Planted("file-length", "x = 1\n" * 501, "x = 1\n" * 500),
    "a line has at most 100 characters, unless it is one word": Planted(
        "line-length", f"x = '{'a ' * 50}'\n", f"# {'a' * 120}\n"
    ),
    "a function has at most 70 lines": Planted(
        "function-length",
        "def f():\n" + "    g()\n" * 70,
        "def f():\n" + "    g()\n" * 69,
    ),
    "a function has at most 6 parameters": Planted(
        "parameters",
        "def f(a, b, c, d, e, f, *, g): ...\n",
        "class A:\n    def f(self, a, b, c, d, e, *, f, **g): ...\n",
    ),
    "a class is not named by an empty word": Planted(
        "empty-word", "class OrderManager: ...\n", "from a import OrderManager\n"
    ),
    "a function is not named by an empty word": Planted(
        "empty-word", "def get_info(): ...\n", "log.info(get_information())\n"
    ),
    "an argument is not named by an empty word": Planted(
        "empty-word", "def f(data): ...\n", "def f(metadata): g(data=metadata)\n"
    ),
    "a value is not named by an empty word": Planted(
        "empty-word", "self.meta_data = 1\n", "other.data = metadata = 1\n"
    ),
    "a module is not named by an empty word": Planted(
        "empty-word", "x = 1\n", "x = 1\n", "tests/utils/a.py", "tests/utility/a.py"
    ),
    "an alias is not an empty word": Planted(
        "empty-word", "import mesh as common\n", "import common\n"
    ),
    "a class is not a default": Planted(
        "empty-word", "class DefaultRater: ...\n", "class Defaulting: ...\n"
    ),
    "a name that a foreign base dictates is not ours": Planted(
        "empty-word",
        "class Whole(Base):\n    impl = int\n",
        "from sqlalchemy.types import TypeDecorator\nclass Whole(TypeDecorator):\n    impl = int\n",
    ),
    "the time comes from the clock": Planted(
        "clock", "from datetime import datetime as dt\nx = dt.now()\n", "x = clock.now()\n", SERVICE
    ),
    "today comes from the clock": Planted(
        "clock",
        "import datetime\nx = datetime.date.today()\n",
        "import datetime\nx = datetime.date.fromisoformat(y)\n",
        SERVICE,
    ),
    "nobody sleeps but the clock": Planted(
        "clock", "import time\nwait = time.sleep\n", "import time\ntime.sleep(1)\n", SERVICE, CLOCK
    ),
    "chance comes from the mint": Planted(
        "chance", "from random import choice\nchoice(x)\n", "picker.choice(x)\n", SERVICE
    ),
    "ids come from the mint": Planted(
        "chance", "import uuid\nx = uuid.uuid4()\n", "import uuid\nuuid.uuid4()\n", SERVICE, MINT
    ),
    "bytes of chance come from the mint": Planted(
        "chance", "import os\nx = os.urandom(8)\n", "import os\nx = os.getpid()\n", SERVICE
    ),
    "only the gateway makes secrets": Planted(
        "chance",
        "import secrets\nx = secrets.token_hex()\n",
        "import secrets\nx = secrets.token_hex()\n",
        SERVICE,
        "src/banyan/gateway/tokens.py",
    ),
    "rooms don't print": Planted("print", "print(1)\n", "print(1)\n", SERVICE, "tools/a.py"),
    "nobody catches everything": Planted(
        "catch-all",
        "try:\n    f()\nexcept (ValueError, Exception):\n    g()\n",
        "try:\n    f()\nexcept Exception:\n    g()\n    raise\n",
    ),
    "nobody catches namelessly below the runner": Planted(
        "catch-all",
        "try:\n    f()\nexcept:\n    g()\n",
        "try:\n    f()\nexcept Exception:\n    g()\n",
        SERVICE,
        "src/banyan/kernel/engine/runner.py",
    ),
    "nobody suppresses everything": Planted(
        "catch-all",
        "from contextlib import suppress\nwith suppress(Exception): f()\n",
        "from contextlib import suppress\nwith suppress(OSError): f()\n",
    ),
    "a policy has no float": Planted("float", "x = 0.5\n", "x = Decimal('0.5') + 1\n", POLICY),
    "billing makes no float": Planted(
        "float",
        "x = float('1')\n",
        "x = float('1')\n",
        "src/banyan/components/billing/wire.py",
        "src/banyan/components/activation/wire.py",
    ),
    "money has no float": Planted(
        "float", "x: float\n", "x: int\n", "src/banyan/kernel/words/money.py"
    ),
    "only the store speaks SQL": Planted(
        "sql",
        "import sqlalchemy as sa\n",
        "import sqlalchemy as sa\n",
        SERVICE,
        "src/banyan/components/party/store/paths.py",
    ),
    "migrations speak SQL and services don't": Planted(
        "sql",
        "from sqlalchemy.engine import Connection\n",
        "from sqlalchemy.engine import Connection\n",
        SERVICE,
        "src/banyan/components/party/migrations/m0001.py",
    ),
    "only the unit of work commits": Planted(
        "commit", "tx.commit()\n", "x = git.commit\n", SERVICE
    ),
    "only the unit of work rolls back": Planted(
        "commit", "tx.rollback()\n", "tx.rollback()\n", SERVICE, "src/banyan/kernel/engine/db.py"
    ),
    "code is not kept in comments": Planted(
        "dead-code", "# x = compute(1)\n", "# The sum of both: see compute.\n"
    ),
    "no loop is kept in comments": Planted(
        "dead-code", "# for x in y():\n", "# return early\n# note: what follows\n# while waiting:\n"
    ),
    "nothing is left for later": Planted(
        "later", "x = 1  # TODO: more\n", "x = 'TODO'  # what TODOS means\n"
    ),
    "no docstring leaves anything for later": Planted(
        "later", '"""FIXME: all of it."""\n', '"""Fix me a drink."""\n'
    ),
    "no type error is silenced": Planted(
        "silencer", "x = 1  # type: ignore[assignment]\n", "x = 1  # type: a kind, ignored here\n"
    ),
    "no lint is silenced": Planted("silencer", "import x  # noqa: F401\n", "x = '# noqa'\n"),
    "no test is skipped": Planted(
        "silencer",
        "import pytest\n@pytest.mark.skip\ndef test(): ...\n",
        "import pytest\n@pytest.mark.parametrize('skip', [1])\ndef test(): ...\n",
    ),
    "no test is expected to fail": Planted(
        "silencer", "import pytest\npytest.xfail('no')\n", "import pytest\npytest.fail('no')\n"
    ),
    "the house knows no machine": Planted(
        "machine-path", "x = '/home/me/x'\n", "x = 'https://a.example/home/work'\n", SERVICE
    ),
    "the house knows no folder of a machine": Planted(
        "machine-path", "x = '/tmp'\n", "x = '/workOrder/1'\n", SERVICE
    ),
    "a public module says what it is": Planted("docstring", "x = 1\n", DOC, SERVICE),
    "a public class says what it is": Planted(
        "docstring", f"{DOC}class A: ...\n", f"{DOC}class _A: ...\n", SERVICE
    ),
    "a public method says what it does": Planted(
        "docstring",
        f"{DOC}class A:\n    {DOC}    def f(self): ...\n",
        f"{DOC}class A:\n    {DOC}    def __eq__(self, o): ...\n    def _f(self): ...\n",
        SERVICE,
    ),
    "a migration's functions have Alembic's names and need no docstring": Planted(
        "docstring",
        f"{DOC}def upgrade(): ...\n",
        f"{DOC}def upgrade(): ...\n",
        SERVICE,
        "src/banyan/components/party/migrations/m0001.py",
    ),
}


def _rules(path: str, text: str) -> set[str]:
    return {finding.rule for finding in tidy.check_source(Source(path, text))}


@pytest.mark.parametrize("sentence", PLANTED)
def test_every_file_rule_bites_and_spares_what_only_looks_alike(sentence: str) -> None:
    planted = PLANTED[sentence]
    assert planted.rule in _rules(planted.path, planted.bad)
    assert planted.rule not in _rules(planted.fine_path or planted.path, planted.fine)


def test_every_file_rule_has_a_planted_violation() -> None:
    reached = {
        rule.__name__
        for planted in PLANTED.values()
        for rule in tidy.FILE_RULES
        if any(f.rule == planted.rule for f in rule(Source(planted.path, planted.bad)))
    }
    assert reached == {rule.__name__ for rule in tidy.FILE_RULES}


def test_a_word_counts_only_as_a_whole() -> None:
    assert words("HTTPServerPool_v5") == ["http", "server", "pool", "v", "5"]
    assert words("metadata") == ["metadata"]


def test_the_real_house_is_tidy() -> None:
    found = tidy.check(ROOT)
    assert not found, "\n".join(map(str, found))


def test_the_program_prints_where_and_what_to_do_and_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("print(1)\n")
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "tidy.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout.startswith("tests/test_it.py:1: print: return it, or log it")


def test_a_file_that_is_no_python_is_a_finding_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = = 1\n")
    assert [finding.rule for finding in tidy.check(tmp_path)] == ["syntax"]
