"""Webhooks: what is genuine is read, everything else is refused."""

import base64
import hashlib
import hmac
import time
import unittest

from passerelle_client import NotGenuine, verify_webhook

BODY = b'{"resource":"case","kind":"changed"}'


def secret(text: str) -> str:
    return "whsec_" + base64.b64encode(text.encode()).decode()


def message(body: bytes, key: str = "first", age: int = 0, version: str = "v1") -> dict[str, str]:
    at = int(time.time()) - age
    signature = base64.b64encode(hmac.digest(key.encode(), f"msg_1.{at}.".encode() + body, hashlib.sha256)).decode()
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(at), "Webhook-Signature": f"v1,é {version},{signature}"}


class WebhooksTest(unittest.TestCase):
    def test_a_genuine_message_is_read_with_the_old_or_the_new_secret(self) -> None:
        self.assertEqual(verify_webhook(BODY, message(BODY), secret("first"))["resource"], "case")
        verify_webhook(BODY, message(BODY), secret("second"), secret("first"))

    def test_everything_else_is_refused(self) -> None:
        others = [
            message(BODY + b" "), message(BODY, key="other"), message(BODY, age=305), message(BODY, age=-305),
            message(BODY, version="v1a"), {},
        ]
        for headers in others:
            with self.assertRaises(NotGenuine):
                verify_webhook(BODY, headers, secret("first"))
        with self.assertRaises(NotGenuine):
            verify_webhook(BODY, message(BODY))
