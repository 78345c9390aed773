"""A demonstration server for a check: started on a free port, and stopped at the end."""

import contextlib
import json
import os
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def demo(program: str, *options: str) -> Iterator[dict[str, Any]]:
    """Starts `passerelle demo`. Yields the JSON that it prints (address, users, clients), and its data folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    with tempfile.TemporaryDirectory(prefix="passerelle-contract-") as folder:
        # The log goes to a file, and is only printed if the check fails.
        log_path = os.path.join(folder, "log")
        with open(log_path, "w+", encoding="utf-8") as log:
            data = os.path.join(folder, "data")
            command = [program, "demo", "--json", "--listen", "127.0.0.1:0", "--data-dir", data, *options]
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
            try:
                line = server.stdout.readline() if server.stdout else ""
                if not line:
                    log.seek(0)
                    raise SystemExit(f"the demonstration did not start: {log.read()}")
                yield json.loads(line) | {"data_dir": data}
                if server.poll() is not None:
                    raise SystemExit(f"the server stopped unexpectedly, status {server.returncode}")
            finally:
                server.terminate()
                try:
                    server.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()


def token(url: str, **fields: str) -> str:
    """Returns an access token for the demonstration."""
    body = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(f"{url}/oauth/token", body, timeout=30) as answer:
        said: dict[str, Any] = json.load(answer)
    return str(said["access_token"])
