// Webhooks: what is genuine is read, everything else is refused.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { NotGenuine, verifyWebhook } from "../src/index.ts";

const secret = (text: string) => `whsec_${Buffer.from(text).toString("base64")}`;
function message(body: string, { key = "first", at = Math.floor(Date.now() / 1000), version = "v1" } = {}): Headers {
  const signature = createHmac("sha256", key).update(`msg_1.${at}.${body}`).digest("base64");
  return new Headers({ "webhook-id": "msg_1", "webhook-timestamp": String(at), "webhook-signature": `v1,AAAA v1,~ ${version},${signature}` });
}
const body = '{"resource":"case","kind":"changed"}';

test("a genuine message is read, with the old or the new secret", async () => {
  assert.deepEqual(await verifyWebhook(body, message(body), secret("first")), { resource: "case", kind: "changed" });
  await verifyWebhook(body, message(body), secret("second"), secret("first"));
});

test("everything else is refused", async () => {
  const old = Math.floor(Date.now() / 1000) - 301;
  for (const headers of [message(`${body} `), message(body, { key: "other" }), message(body, { at: old }),
    message(body, { at: old + 700 }), message(body, { version: "v1a" }), new Headers()]) {
    await assert.rejects(verifyWebhook(body, headers, secret("first")), NotGenuine);
  }
  await assert.rejects(verifyWebhook(body, message(body)), NotGenuine);
});
