"""Verifies that a webhook comes from the API: https://www.standardwebhooks.com"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any

# Seconds that a message may be old, or early: an old one may be sent again by a stranger.
TOLERANCE = 300


class NotGenuine(Exception):
    """The signature is wrong, or too old: do not act on the message."""


def verify_webhook(body: bytes, headers: Mapping[str, str], *secrets: str) -> Any:
    """The message of a webhook: its body as it was received, verified. `secrets` are those of the subscription
    (`whsec_…`): two while it changes. Keep `webhook-id` to recognise a message that comes twice."""
    given = {name.lower(): value for name, value in headers.items()}
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    identifier, sent, signatures = (given.get(name, "") for name in names)
    if not (identifier and sent and signatures):
        raise NotGenuine("a header is missing")
    if not re.fullmatch("[0-9]{1,12}", sent) or abs(time.time() - int(sent)) > TOLERANCE:
        raise NotGenuine("the timestamp is too old or too early")
    signed = f"{identifier}.{sent}.".encode() + body
    for secret in secrets:
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise NotGenuine("a secret is not base64") from None
        right = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        # As bytes: a signature of a stranger may have any letters.
        if any(hmac.compare_digest(right.encode(), one.encode()) for one in signatures.split(" ")):
            return json.loads(body)
    raise NotGenuine("no signature is right")
