// Verifies that a webhook comes from the API: https://www.standardwebhooks.com

/** The signature is wrong, or too old: do not act on the message. */
export class NotGenuine extends Error {
  override readonly name = "NotGenuine";
}

// Seconds that a message may be old, or early: an old one may be sent again by a stranger.
const TOLERANCE = 300;

/**
 * The message of a webhook: its body as it was received, verified. `secrets` are those of the subscription (`whsec_…`):
 * two while it changes. Keep `webhook-id` to recognise a message that comes twice.
 */
export async function verifyWebhook(body: string, headers: Headers, ...secrets: string[]): Promise<unknown> {
  const id = headers.get("webhook-id"), sent = headers.get("webhook-timestamp"), signatures = headers.get("webhook-signature");
  if (!id || !sent || !signatures) throw new NotGenuine("a header is missing");
  if (!/^[0-9]+$/.test(sent) || Math.abs(Date.now() / 1000 - Number(sent)) > TOLERANCE) throw new NotGenuine("the timestamp is too old or too early");
  const signed = new TextEncoder().encode(`${id}.${sent}.${body}`);
  for (const secret of secrets) {
    const raw = bytes(secret.replace(/^whsec_/, ""));
    if (!raw) throw new NotGenuine("a secret is not base64");
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of signatures.split(" ")) {
      const [version, text = ""] = signature.split(",");
      const value = bytes(text);
      // `verify` takes the same time for each wrong signature.
      if (version === "v1" && value && await crypto.subtle.verify("HMAC", key, value, signed)) return JSON.parse(body);
    }
  }
  throw new NotGenuine("no signature is right");
}

function bytes(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}
