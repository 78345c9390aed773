"""Plays the main job with each generated client against one demonstration: play.py PROGRAM COMMAND…"""

import json
import pathlib
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from demo_server import demo

program, *commands = sys.argv[1:]
with demo(program, "--children", "10", "--years", "1", "--without-releases") as page:
    for command in commands:
        said = subprocess.run(shlex.split(command), input=json.dumps(page), text=True, capture_output=True, timeout=60)
        if said.returncode != 0:
            sys.exit(f"the main job failed: {command}\n{said.stdout}{said.stderr}")
        print("  " + said.stdout.strip())
