"""A client at the front door, with a token for every role and tenant it is asked for."""

from __future__ import annotations

from typing import Any

import httpx

from banyan.gateway.claims import Holder
from banyan.gateway.tokens import TokenBook
from banyan.wiring import Standing
from tests.tmf.lab import Http


class FrontDoor:
    """Sends requests as somebody of a role and a tenant, or as nobody."""

    def __init__(self, standing: Standing, tokens: TokenBook) -> None:
        self.tokens = tokens
        self.http = Http(standing.app(tokens))
        self._known: dict[tuple[str, str], str] = {}

    def close(self) -> None:
        """End the client."""
        self.http.close()

    def token(self, role: str, tenant: str = "default") -> str:
        """A token of ``role``, made when it is first asked for."""
        if (role, tenant) not in self._known:
            holder = Holder(tenant, f"{role} of {tenant}", (role,))
            self._known[role, tenant] = self.tokens.add(holder)
        return self._known[role, tenant]

    def send(
        self, method: str, path: str, role: str = "admin", tenant: str = "default", **parts: Any
    ) -> httpx.Response:
        """The answer to a request of ``role``; of nobody if it is empty."""
        headers = dict(parts.pop("headers", {}))
        if role:
            headers["authorization"] = f"Bearer {self.token(role, tenant)}"
        return self.http.send(method, path, headers=headers, **parts)
