"""Runs each command against one demonstration: play.py PROGRAM COMMAND…

A command gets the JSON that the demonstration prints as its standard input, and the address and the credentials of the
last client in URL, CLIENT_ID and CLIENT_SECRET."""

import json
import os
import pathlib
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from demo_server import demo

program, *commands = sys.argv[1:]
with demo(program, "--children", "10", "--years", "1", "--without-releases") as page:
    script = page["clients"][-1]
    environment = os.environ | {"URL": page["url"], "CLIENT_ID": script["client_id"], "CLIENT_SECRET": script["client_secret"]}
    for command in commands:
        said = subprocess.run(shlex.split(command), input=json.dumps(page), text=True, capture_output=True, timeout=60,
                              env=environment)
        if said.returncode != 0:
            sys.exit(f"a command failed: {command}\n{said.stdout}{said.stderr}")
        print("  " + (said.stdout.strip().splitlines() or [command])[-1])
