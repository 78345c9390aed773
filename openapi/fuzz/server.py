"""Starts the program on its own database, and creates the services and principals for the fuzzer."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pg8000.dbapi

# Readable names, because they appear in reports.
ADMINISTRATOR = {"email": "administratrice@example.org", "display_name": "L'administratrice", "password": "une phrase assez longue"}
MANAGER = {"email": "responsable@example.org", "display_name": "La responsable", "password": "une autre phrase longue"}
# The first service is the one in use; the others are for operations that change services.
SERVICES = 6


def post(url: str, body: Any, token: str = "", **more: str) -> dict[str, Any]:
    """Sends a POST and returns the JSON of the response. A body that is a string is sent as a form."""
    form = isinstance(body, str)
    headers = {"Content-Type": "application/x-www-form-urlencoded" if form else "application/json"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, (body if form else json.dumps(body)).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def token(url: str, **fields: str) -> str:
    """Returns an access token."""
    return str(post(f"{url}/oauth/token", urllib.parse.urlencode(fields))["access_token"])


@contextlib.contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """Creates a database in a server and yields its URL. The database is dropped afterwards."""
    address = urllib.parse.urlsplit(server)
    name = f"passerelle_fuzz_{uuid.uuid4().hex[:12]}"

    def execute(statement: str) -> None:
        connection = pg8000.dbapi.connect(
            user=urllib.parse.unquote(address.username or "postgres"),
            password=urllib.parse.unquote(address.password) if address.password else None,
            host=address.hostname or "127.0.0.1",
            port=address.port or 5432,
            database=address.path.lstrip("/") or "postgres",
        )
        with contextlib.closing(connection):
            connection.autocommit = True
            connection.cursor().execute(statement)

    # The program owns its database and is no superuser: otherwise row-level security would not hold, and it is not ready.
    execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
    execute(f"CREATE DATABASE {name} OWNER {name}")
    host = (address.netloc.rpartition("@")[2]) or "127.0.0.1"
    try:
        yield address._replace(netloc=f"{name}:{name}@{host}", path=f"/{name}").geturl()
    finally:
        execute(f"DROP DATABASE {name} WITH (FORCE)")
        execute(f"DROP ROLE {name}")


@contextlib.contextmanager
def serving(program: str, database: str | None) -> Iterator[tuple[str, str]]:
    """Starts `passerelle serve` on a PostgreSQL database, or on SQLite. Yields its address and the first invitation."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    with tempfile.TemporaryDirectory(prefix="passerelle-fuzz-") as name:
        folder = pathlib.Path(name)
        key = folder / "master.key"
        with open(key, "wb") as made:
            subprocess.run([program, "keygen"], stdout=made, env=environment, check=True)
        key.chmod(0o600)
        settings = {
            "DATABASE_URL": database or "",
            "PASSERELLE_DATA_DIR": str(folder / "data"),
            "PASSERELLE_MASTER_KEY_FILE": str(key),
            "PASSERELLE_LISTEN": "127.0.0.1:0",
            "PASSERELLE_SANDBOX": "false",
            "PASSERELLE_LOG": "warn,passerelle::cli=info",
            # The fuzzer sends all its requests from one address and as few principals.
            "PASSERELLE_RATE_ADDRESS": "off",
            "PASSERELLE_RATE_HEALTH": "off",
            "PASSERELLE_RATE_PRINCIPAL": "off",
            # It has no authenticator application.
            "PASSERELLE_SECOND_FACTOR": "false",
        }
        log = folder / "log"
        with open(log, "wb") as err:
            server = subprocess.Popen(
                [program, "serve"], stdout=subprocess.DEVNULL, stderr=err, env=environment | settings
            )
        try:
            url = wait_for(server, log, "serving on ").split(",")[0]
            # Standard output is no terminal: the invitation is in a file that only this account can read.
            yield url, wait_for(server, folder / "data" / "first-invitation", '"token":"').split('"')[0]
            if server.poll() is not None:
                raise SystemExit(f"the server stopped unexpectedly, status {server.returncode}: {log.read_text()}")
            faults = [line for line in log.read_text(errors="replace").splitlines() if " ERROR passerelle" in line or "panicked" in line]
            if faults:
                raise SystemExit("the server logged errors:\n" + "\n".join(faults[:20]))
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for(server: subprocess.Popen[bytes], file: pathlib.Path, words: str) -> str:
    """Waits until a file that the server writes contains these words, and returns the text after them."""
    for _ in range(600):
        _, found, after = file.read_text(encoding="utf-8", errors="replace").partition(words)
        if found and "\n" in after:
            return after
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"the server did not start: {file.with_name('log').read_text(encoding='utf-8', errors='replace')}")


def set_up(url: str, invitation: str, document: dict[str, Any]) -> dict[str, Any]:
    """Creates services, an administrator, a manager and a script. Returns what the hooks need to know about them."""

    def example(name: str) -> dict[str, Any]:
        return dict(document["components"]["schemas"][name]["examples"][0])

    def joins(invited: str, person: dict[str, str]) -> dict[str, str]:
        post(f"{url}/v1/invitations/accept", {"token": invited, **person})
        return {"grant_type": "password", "username": person["email"], "password": person["password"]}

    founder = joins(invitation, ADMINISTRATOR)
    administrator = token(url, **founder)
    services = [post(f"{url}/v1/services", example("ServiceInput"), administrator)["id"] for _ in range(SERVICES)]
    invited = post(f"{url}/v1/invitations", {"service_id": services[0], "role": "manager"}, administrator)
    permissions = [one for one in document["components"]["schemas"]["Permission"]["enum"] if one != "accounts:write"]
    new = {"name": "Script complet", "service_ids": services, "permissions": permissions}
    client = post(f"{url}/v1/clients", new, administrator)
    # It may read children: a second administrator confirms it.
    second = post(f"{url}/v1/invitations", {"administrator": True}, administrator)["token"]
    confirmer = token(url, **joins(second, ADMINISTRATOR | {"email": "seconde@example.org"}))
    post(f"{url}/v1/clients/{client['id']}/confirm", "", confirmer, If_Match="*")
    script = {"grant_type": "client_credentials", "client_id": client["id"], "client_secret": client["client_secret"]}
    return {
        "url": url,
        "services": services,
        "grants": {"administrator": founder, "manager": joins(invited["token"], MANAGER), "script": script},
    }
