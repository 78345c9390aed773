"""A server that answers as a test says."""

import contextlib
import json
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Headers = dict[str, str]


@dataclass
class Reply:
    """What is answered; `cut` closes the connection without an answer."""

    body: Any = None
    status: int = 200
    headers: Headers = field(default_factory=dict)
    after: float = 0
    cut: bool = False


@dataclass
class Received:
    method: str
    path: str
    query: dict[str, str]
    headers: Headers
    body: str

    def form(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.body))


class Stub:
    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []

    def calls(self) -> list[Received]:
        return [one for one in self.received if one.path != "/oauth/token"]

    def tokens(self) -> list[Received]:
        return [one for one in self.received if one.path == "/oauth/token"]


def granted(number: int, expires_in: int = 600) -> dict[str, Any]:
    return {
        "access_token": f"token-{number}", "token_type": "Bearer", "expires_in": expires_in, "scope": "",
        "refresh_token": f"refresh-{number}",
    }


def problem(status: int, code: str, **more: Any) -> dict[str, Any]:
    return {
        "type": f"/problems/{code}", "title": code, "status": status, "detail": code, "instance": "/", "code": code,
        "request_id": "r", "errors": [],
    } | more


def refused(status: int, code: str, retry_after: int | None = None, **more: Any) -> Reply:
    return Reply(problem(status, code, **more), status, {} if retry_after is None else {"Retry-After": str(retry_after)})


@contextlib.contextmanager
def stub(
    reply: Callable[[Received, int], Reply], token: Callable[[int], Reply] = lambda number: Reply(granted(number))
) -> Iterator[Stub]:
    """Answers each request for a token with the next token, each other one with what `reply` returns."""
    said, lock = Stub(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            address = urllib.parse.urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.command, address.path, dict(urllib.parse.parse_qsl(address.query)), headers, body)
            with lock:
                said.received.append(request)
                is_token = address.path == "/oauth/token"
                number = len(said.tokens() if is_token else said.calls())
                it = token(number) if is_token else reply(request, number)
            time.sleep(it.after)
            if it.cut:
                self.close_connection = True
                return
            sent = b"" if it.body is None else json.dumps(it.body).encode()
            self.send_response(it.status)
            kind = "application/problem+json" if it.status >= 400 else "application/json"
            for name, value in ({"Content-Type": kind, "Content-Length": str(len(sent))} | it.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # A client that did not wait for its answer.

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        said.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield said
        finally:
            server.shutdown()
