"""Sends a request: with a token, and again if that is safe."""

import random
import re
import time
import uuid
from dataclasses import dataclass

import httpx

from .generated.contract import WRITES
from .tokens import Tokens

KEY = "Idempotency-Key"


@dataclass(frozen=True)
class Retries:
    """How often a request is sent at most, and the seconds to wait at most before it is sent again. A longer
    `Retry-After` is not waited for."""

    attempts: int = 4
    longest_wait: float = 30


class Again(httpx.BaseTransport):
    """Sends a request again after 429, 503 or a broken connection, if it is a read or has an Idempotency-Key."""

    def __init__(self, inner: httpx.BaseTransport, retries: Retries) -> None:
        self.inner = inner
        self.retries = retries

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.send(request, request.method in ("GET", "HEAD") or KEY in request.headers)

    def send(self, request: httpx.Request, repeatable: bool) -> httpx.Response:
        request.read()
        attempt = 1
        while True:
            last = not repeatable or attempt >= self.retries.attempts
            # Half a second, one, two…, each up to a half longer, so that many clients do not return at once.
            wait = 0.5 * 2 ** (attempt - 1) * (1 + random.random() / 2)
            try:
                response = self.inner.handle_request(request)
            except httpx.TransportError:
                if last:
                    raise
            else:
                asked = seconds(response)
                # A 409 has a Retry-After only if the first request with the same Idempotency-Key still runs.
                busy = response.status_code in (429, 503) or (response.status_code == 409 and asked is not None)
                # An earlier retry would be refused again.
                if not busy or last or (asked or 0) > self.retries.longest_wait:
                    return response
                response.close()
                wait = wait if asked is None else asked
            time.sleep(min(wait, self.retries.longest_wait))
            attempt += 1

    def close(self) -> None:
        self.inner.close()


class Authorized(httpx.BaseTransport):
    """Adds the token and the Idempotency-Key, and renews the token once after a 401."""

    def __init__(self, base: httpx.URL, again: Again, tokens: Tokens | None) -> None:
        self.base = base
        self.again = again
        self.tokens = tokens

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = joined(request.url)
        if KEY not in request.headers and takes_key(request.method, request.url.path.removeprefix(self.base.path.rstrip("/"))):
            # The retries send the same request, so they have the same key.
            request.headers[KEY] = str(uuid.uuid4())
        # The token is for the API alone.
        own = (request.url.scheme, request.url.host, request.url.port) == (self.base.scheme, self.base.host, self.base.port)
        if self.tokens is None or not own:
            return self.again.handle_request(request)
        token = self.tokens.get()
        request.headers["Authorization"] = f"Bearer {token}"
        response = self.again.handle_request(request)
        if response.status_code != 401:
            return response
        # Refused before anything was done, so any request may be sent again.
        response.close()
        request.headers["Authorization"] = f"Bearer {self.tokens.renew(token)}"
        return self.again.handle_request(request)

    def close(self) -> None:
        self.again.close()


def joined(url: httpx.URL) -> httpx.URL:
    """Several values of a filter, separated by commas: the generated operations repeat the name."""
    values: dict[str, list[str]] = {}
    for name, value in url.params.multi_items():
        values.setdefault(name, []).append(value)
    if all(len(its) == 1 for its in values.values()):
        return url
    return url.copy_with(params={name: ",".join(its) for name, its in values.items()})


def seconds(response: httpx.Response) -> int | None:
    """The value of `Retry-After`."""
    text = response.headers.get("Retry-After", "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def _template(write: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", write)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


# Those with fewer variables first: /v1/referrals/bulk is not a /v1/referrals/{id}.
_TEMPLATES = [(_template(write), keyed) for write, keyed in sorted(WRITES.items(), key=lambda one: one[0].count("{"))]


def takes_key(method: str, path: str) -> bool:
    """Whether an operation takes an Idempotency-Key."""
    if method in ("GET", "HEAD"):
        return False
    wanted = f"{method} {path}"
    return next((keyed for template, keyed in _TEMPLATES if template.fullmatch(wanted)), False)
