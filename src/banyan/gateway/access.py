"""Which role may do what: Cedar policies, one file a role; what none of them permits is denied.

Policies know a subject's roles and tenant, an action, an API and a noun of it. Whether a thing is
the holder's own they don't: they are asked twice, and what they permit only for the holder's own
is a grant of that kind, which the standards kit carries out (:mod:`banyan.tmf.owning`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, Literal

import cedarpy

from banyan.kernel.words.errors import Finding, refuse_findings

Action = Literal["read", "create", "update", "delete", "subscribe"]
Grant = Literal["nothing", "own", "all"]

ACTIONS: Final[Mapping[str, Action]] = {
    "GET": "read",
    "HEAD": "read",
    "OPTIONS": "read",
    "POST": "create",
    "PATCH": "update",
    "PUT": "update",
    "DELETE": "delete",
}
"""What a method does to a resource; any other method is denied."""

HUB: Final = "hub"
DOCS: Final = "openapi.json"
REMEMBERED_MAX: Final = 20_000

_ROLE = re.compile(r'Role::"([^"]+)"')
_COMMENT = re.compile(r"//.*")


def action_of(noun: str, method: str) -> Action | None:
    """What ``method`` does to ``noun``; to come and go as a subscriber is one thing."""
    action = ACTIONS.get(method)
    return "subscribe" if action is not None and noun == HUB else action


class Access:
    """The house's policies and those an operator adds from a folder of ``*.cedar`` files.

    Refused (``malformed``) with every mistake at its file when one can't be read, or names what
    the schema does not know: a policy that could fail while it decides never gets in. Should one
    fail all the same, that decision is a denial. ``owned`` are the APIs' nouns of which somebody's
    own can be told from others'; of any other, a grant of one's own is none. ``roles`` are all that
    any policy names, and what its file says of them.
    """

    def __init__(
        self, folder: Path | None = None, owned: Set[tuple[str, str]] = frozenset()
    ) -> None:
        texts = _texts(folder)
        self._owned = owned
        self.roles = _roles(texts.values())
        self._policies = cedarpy.PolicySet.from_str("\n".join(texts.values()))
        self._remembered: dict[tuple[tuple[str, ...], str, str, str, Action], Grant] = {}

    def grant(
        self, roles: tuple[str, ...], tenant: str, api: str, noun: str, action: Action
    ) -> Grant:
        """What somebody of ``roles`` in ``tenant`` may have ``action`` done to: remembered.

        An empty ``noun`` stands for any that the API does not have.
        """
        key = (roles, tenant, api, noun, action)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            found = self._remembered[key] = self._decide(roles, tenant, api, noun, action)
        return found

    def _decide(
        self, roles: Sequence[str], tenant: str, api: str, noun: str, action: Action
    ) -> Grant:
        known = self.roles.keys() & set(roles)
        if not known:
            return "nothing"
        above = [api, "docs"] if noun == DOCS else [api]
        entities = [
            _entity("Subject", "holder", "Role", known, {"tenant": tenant}),
            _entity("Resource", f"{api}/{noun}", "Api", above, {}),
        ]
        asked = [
            {
                "principal": {"type": "Subject", "id": "holder"},
                "action": {"type": "Action", "id": action},
                "resource": {"type": "Resource", "id": f"{api}/{noun}"},
                "context": {"own": own},
            }
            for own in (False, True)
        ]
        whole, own = cedarpy.is_authorized_batch(asked, self._policies, entities)
        if whole.diagnostics.errors or own.diagnostics.errors:
            return "nothing"
        if whole.allowed:
            return "all"
        return "own" if own.allowed and (api, noun) in self._owned else "nothing"


def _entity(
    kind: str, name: str, above: str, parents: Iterable[str], attrs: dict[str, Any]
) -> dict[str, Any]:
    return {
        "uid": {"type": kind, "id": name},
        "attrs": attrs,
        "parents": [{"type": above, "id": parent} for parent in sorted(parents)],
    }


def _roles(texts: Iterable[str]) -> dict[str, str]:
    """Every role that a policy names, with the words its first file begins with."""
    roles: dict[str, str] = {}
    for text in texts:
        lines = text.splitlines()
        top = takewhile(lambda line: line.startswith("//"), lines)
        told = " ".join(line.removeprefix("//").strip() for line in top)
        for role in _ROLE.findall(_COMMENT.sub("", text)):
            roles.setdefault(role, told)
    return roles


def _texts(folder: Path | None) -> dict[str, str]:
    """Every policy file by name, checked."""
    home = files("banyan.gateway") / "policies"
    schema = cedarpy.Schema.from_str((home / "schema.cedarschema").read_text("utf-8"))
    own = sorted(home.iterdir(), key=lambda each: each.name)
    texts = {each.name: each.read_text("utf-8") for each in own if each.name.endswith(".cedar")}
    findings: list[Finding] = []
    if folder is not None:
        try:
            added = sorted(folder.glob("*.cedar"))
            texts |= {str(path): path.read_text("utf-8") for path in added}
        except (OSError, UnicodeDecodeError) as error:
            findings.append(Finding("policy", str(error), "policies"))
        if not folder.is_dir():
            findings.append(Finding("policy", f"{folder} is no folder", "policies"))
    for name, text in texts.items():
        wrong = cedarpy.validate_policies(text, schema).errors
        findings += [Finding("policy", each.error, name) for each in wrong]
    refuse_findings("malformed", findings)
    return texts
