"""The client of the API at an address."""

from typing import Literal

import httpx

from .generated.client import AuthenticatedClient
from .problems import raise_problem
from .sending import Again, Authorized, Retries
from .tokens import ClientCredentials, Tokens, UserCredentials


class Passerelle(AuthenticatedClient):
    """A client for the generated operations: `get_kit.sync(id, client=api)`. Refusals are raised as `ProblemError`.

    Only the synchronous operations have the token and the retries."""

    #: The token; None without credentials.
    tokens: Tokens | None


def connect(
    url: str,
    credentials: ClientCredentials | UserCredentials | None = None,
    *,
    language: Literal["fr", "en"] = "fr",
    timeout: float = 30,
    retries: Retries = Retries(),
    transport: httpx.BaseTransport | None = None,
) -> Passerelle:
    """A client of the API at an address (`https://api.example`). Without credentials, only what is public can be read.

    `transport` replaces how requests reach the network, for a proxy or a private authority."""
    base = httpx.URL(url.rstrip("/"))
    again = Again(transport or httpx.HTTPTransport(), retries)
    limits = httpx.Timeout(timeout).as_dict()

    def call(path: str, fields: dict[str, str]) -> httpx.Response:
        # Not by the client: its transport asks for a token.
        request = httpx.Request("POST", f"{base}{path}", data=fields, extensions={"timeout": limits})
        response = again.send(request, repeatable=True)
        response.read()
        response.close()
        return response

    tokens = Tokens(call, credentials) if credentials is not None else None
    api = Passerelle(base_url=str(base), token="")
    api.tokens = tokens
    api.set_httpx_client(
        httpx.Client(
            base_url=base, timeout=timeout, headers={"Accept": "application/json", "Accept-Language": language},
            transport=Authorized(base, again, tokens), event_hooks={"response": [raise_problem]},
        )
    )
    return api
