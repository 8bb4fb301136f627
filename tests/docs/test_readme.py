"""What the README says of settings, rooms and make targets is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import yaml

from banyan.demo.story import steps
from banyan.kernel.engine.settings import RemoteSettings, Settings
from banyan.wiring import BUILDERS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def settings_rows(kind: type[msgspec.Struct], before: str = "") -> dict[str, object]:
    """Every key of the settings file, dotted, with its value if left out."""
    found: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        name = f"{before}{field.encode_name}"
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            found |= settings_rows(field.type, f"{name}.")
        elif field.default is not msgspec.NODEFAULT:
            found[name] = field.default
        else:
            made = field.default_factory
            found[name] = "" if made is msgspec.NODEFAULT else made()
    return found


def check_table(table: str, kind: type[msgspec.Struct]) -> None:
    """A table of keys and defaults says what the settings are."""
    written = dict(re.findall(r"^\| `([\w.]+)` \| `?(.*?)`? \|", table, re.MULTILINE))
    real = settings_rows(kind)
    assert written.keys() == real.keys()
    for key, default in real.items():
        if default in ("", (), {}, None):
            assert written[key].startswith("("), f"{key}: {written[key]}"
        else:
            assert yaml.safe_load(written[key]) == default, key


def test_the_settings_table_has_every_key_with_its_default_and_no_other() -> None:
    check_table(README.split("| key | if left out | meaning |", 1)[1].split("\n\n", 1)[0], Settings)


def test_the_table_of_a_swap_has_every_key_with_its_default_and_no_other() -> None:
    swap = (ROOT / "docs" / "swap.md").read_text("utf-8")
    table = swap.split("| if left out | meaning |", 1)[1].split("\n\n", 1)[0]
    check_table(table, RemoteSettings)


def test_every_room_and_its_apis_stand_in_the_picture_and_in_the_table_of_what_works() -> None:
    rows = re.findall(r"^\| (\w+) \| .+ \| .+ \|$", README, re.MULTILINE)
    for name, build in BUILDERS.items():
        exposes = build(Settings()).manifest.exposes
        numbers = " ".join(api[3:] for api in exposes if api.startswith("TMF"))
        assert f'{name}["{name}<br>{numbers}"]' in README
        assert name in rows


def test_the_demo_has_as_many_steps_as_the_readme_says() -> None:
    assert f"{len(list(steps()))} steps, each with its proof" in README


def test_every_make_target_and_file_the_docs_name_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/README.md")):
        text = path.read_text("utf-8")
        named = set(re.findall(r"`make ([a-z]+)", text))
        assert named <= targets, f"{path.name} names {named - targets}"
        for link in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", text):
            assert (path.parent / link).exists(), f"{path.name} links to {link}"
