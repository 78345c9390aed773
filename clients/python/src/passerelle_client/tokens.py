"""Access tokens: one call for all threads, renewed before they expire."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from .problems import SignInNeeded, problem_error

# The longest time before its end at which a token is renewed, in seconds.
MARGIN = 60

Call = Callable[[str, dict[str, str]], httpx.Response]


@dataclass(frozen=True)
class ClientCredentials:
    """A program or an institution: it may keep its secret."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"ClientCredentials({self.client_id!r})"


@dataclass(frozen=True)
class UserCredentials:
    """A user. The password is used once and forgotten: the refresh token continues the session.

    `otp` is for a user with a second factor; `device_token` is what `Tokens.device_token` was after the last sign-in on
    this device."""

    username: str
    password: str
    otp: str | None = None
    device_token: str | None = None

    def __repr__(self) -> str:
        return f"UserCredentials({self.username!r})"


class Tokens:
    """The token of a client or of a user. Safe to use from several threads."""

    def __init__(self, call: Call, credentials: ClientCredentials | UserCredentials) -> None:
        self._call = call
        self._credentials: ClientCredentials | UserCredentials | None = credentials
        self._refresh: str | None = None
        self._value: str | None = None
        self._renew_at = 0.0
        # A refresh token works once, so two renewals must never run at the same time.
        self._lock = threading.Lock()
        #: After the sign-in of a user: keep it on this device for the next sign-in. It gives no access.
        self.device_token: str | None = None

    def get(self) -> str:
        """A token that is valid for a while."""
        with self._lock:
            if self._value is not None and time.monotonic() < self._renew_at:
                return self._value
            return self._request()

    def renew(self, refused: str) -> str:
        """A token other than the one that was refused."""
        with self._lock:
            # Another thread may have renewed it already.
            if self._value == refused:
                self._value = None
        return self.get()

    def sign_out(self) -> None:
        """Ends the session of a user, here and on the server."""
        with self._lock:
            refresh, self._refresh, self._credentials, self._value = self._refresh, None, None, None
        if refresh is not None:
            self._call("/oauth/revoke", {"token": refresh})

    def _request(self) -> str:
        response = self._call("/oauth/token", self._grant())
        if response.status_code != 200:
            problem = problem_error(response)
            if self._refresh is None or response.status_code == 429 or response.status_code >= 500:
                raise problem
            self._refresh = self._value = None
            raise SignInNeeded("the session is over") from problem
        token = response.json()
        margin = min(MARGIN, token["expires_in"] / 4)
        self._value, self._renew_at = str(token["access_token"]), time.monotonic() + token["expires_in"] - margin
        self.device_token = token.get("device_token", self.device_token)
        if isinstance(self._credentials, UserCredentials):
            self._credentials = None
        self._refresh = token.get("refresh_token")
        return self._value

    def _grant(self) -> dict[str, str]:
        its = self._credentials
        if self._refresh is not None:
            return {"grant_type": "refresh_token", "refresh_token": self._refresh}
        if its is None:
            raise SignInNeeded("nobody is signed in")
        if isinstance(its, ClientCredentials):
            return {"grant_type": "client_credentials", "client_id": its.client_id, "client_secret": its.client_secret}
        fields = {"username": its.username, "password": its.password, "otp": its.otp, "device_token": its.device_token}
        return {"grant_type": "password"} | {name: value for name, value in fields.items() if value}
