"""Starts a program on a new database, signs in and calls it: what the measurements of scripts/ share."""

import http.client
import json
import re
import subprocess
import sys
import time
from urllib.parse import urlencode

PORT = 18971
PASSWORD = "une phrase de passe assez longue"
SYLLABLES = "ba be bi bo bu ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru".split()


def call(method, path, token=None, body=None, headers=None, timeout=120):
    """The status and the body of a response."""
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if isinstance(body, dict):
        body, headers["Content-Type"] = json.dumps(body), "application/json"
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def post(path, token, body, headers=None):
    status, answer = call("POST", path, token, body, headers)
    assert status in (200, 201), (path, status, answer)
    return json.loads(answer)


def sign_in(**fields):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(10):
        status, answer = call("POST", "/oauth/token", body=urlencode(fields), headers=headers)
        if status != 503:
            break
        time.sleep(1)  # The machine is busy.
    assert status == 200, (status, answer)
    return json.loads(answer)["access_token"]


def start(program, directory, settings=None):
    """Starts a program whose data are in a directory, without limits of rates, and waits until it is ready."""
    environment = {
        "PASSERELLE_DATA_DIR": directory,
        "PASSERELLE_SANDBOX": "false",
        "PASSERELLE_RATE_ADDRESS": "off",
        "PASSERELLE_RATE_HEALTH": "off",
        "PASSERELLE_SECOND_FACTOR": "false",
        "PASSERELLE_FOUR_EYES": "false",
        "PASSERELLE_RATE_PRINCIPAL": "off",
    }
    environment.update(settings or {})
    with open(f"{directory}/log", "w") as log:
        command = [program, "serve", "--listen", f"127.0.0.1:{PORT}"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    for _ in range(600):
        try:
            if call("GET", "/health/ready")[0] == 200:
                return process
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit("the program is not ready")


def stop(process):
    process.terminate()
    process.wait()


def administrator(directory):
    """Accepts the invitation of the first start. Returns the token of the administrator."""
    with open(f"{directory}/first-invitation") as file:
        invitation = re.search(r'"token":"([^"]+)"', file.read()).group(1)
    account = {"token": invitation, "email": "a@example.org", "display_name": "A", "password": PASSWORD}
    post("/v1/invitations/accept", None, account)
    return sign_in(grant_type="password", username="a@example.org", password=PASSWORD)


def new_service(token):
    """Creates a service. Returns its identifier."""
    service = {
        "name": "PRPE 63", "time_zone": "Europe/Paris", "departements": ["63"], "age_lower_birthday": 0,
        "age_upper_birthday": 7, "childcare_groups": ["eaje"], "opened_on": "2021-01-04",
    }
    return post("/v1/services", token, service)["id"]


def word(number):
    """A word of its own for each number, so that hardly any two children resemble each other."""
    number, parts = number * 7919 % 707_281, []
    for _ in range(4):
        number, at = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[at])
    return "".join(parts).capitalize()


def referral(service, number, names, description):
    """A referral of a child. Children with other numbers below `names` have other names."""
    return {
        "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
        "received_on": f"2026-0{1 + number % 9}-1{number % 10}", "needs": ["find_childcare"],
        "description": description,
        "child": {"identity": {
            "given_name": word(number), "family_name": word(number + names), "birth_date": f"2023-0{1 + number % 9}-05",
        }},
    }
