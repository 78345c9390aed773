// Sends a request: with a token, and again if that is safe.
import type { Tokens } from "./tokens.ts";

export interface Retries {
  /** How often a request is sent at most. Default: 4. */
  attempts?: number;
  /** Seconds to wait at most before a request is sent again. A longer `Retry-After` is not waited for. Default: 30. */
  longestWait?: number;
  /** Seconds until the head of a response must have arrived. Default: 30. */
  timeout?: number;
}

export type Send = (request: Request) => Promise<Response>;

/** Sends a request again after 429, 503, a broken connection or a timeout, if `repeatable`. */
export async function sendAgain(send: Send, request: Request, repeatable: boolean, retries: Retries = {}): Promise<Response> {
  const { attempts = 4, longestWait = 30, timeout = 30 } = retries;
  for (let attempt = 1; ; attempt++) {
    const last = !repeatable || attempt >= attempts;
    let wait = backOff(attempt);
    try {
      const response = await within(timeout, request, send);
      const asked = seconds(response);
      // A 409 has a Retry-After only if the first request with the same Idempotency-Key still runs.
      const busy = response.status === 429 || response.status === 503 || (response.status === 409 && asked !== undefined);
      // An earlier retry would be refused again.
      if (!busy || last || (asked ?? 0) > longestWait) return response;
      wait = asked ?? wait;
      await response.body?.cancel();
    } catch (error) {
      if (last || request.signal.aborted) throw error;
    }
    await pause(Math.min(wait, longestWait), request.signal);
  }
}

/** A `fetch` that adds the token, renews it once after a 401, and retries reads and writes with an Idempotency-Key. */
export function sender(base: URL, fetch: typeof globalThis.fetch, tokens: Tokens | undefined, retries?: Retries): Send {
  return async (request) => {
    // The token is for the API alone.
    const own = new URL(request.url).origin === base.origin ? tokens : undefined;
    const repeatable = ["GET", "HEAD"].includes(request.method) || request.headers.has("Idempotency-Key");
    const send = (again: Request) => sendAgain((copy) => fetch(copy), again, repeatable, retries);
    if (!own) return send(request);
    const token = await own.get();
    const response = await send(authorized(request, token));
    if (response.status !== 401) return response;
    // Refused before anything was done, so any request may be sent again.
    await response.body?.cancel();
    return send(authorized(request, await own.renew(token)));
  };
}

function authorized(request: Request, token: string): Request {
  const copy = request.clone();
  copy.headers.set("Authorization", `Bearer ${token}`);
  return copy;
}

// The timeout ends with the head of the response: the rest of a large one may take longer.
async function within(timeout: number, request: Request, send: Send): Promise<Response> {
  const tooLong = new AbortController();
  const timer = setTimeout(() => tooLong.abort(new Error(`no response within ${timeout} seconds`)), timeout * 1000);
  try {
    return await send(new Request(request.clone(), { signal: AbortSignal.any([request.signal, tooLong.signal]) }));
  } finally {
    clearTimeout(timer);
  }
}

function seconds(response: Response): number | undefined {
  const text = response.headers.get("Retry-After");
  return text !== null && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

// Half a second, one, two…, each up to a half longer, so that many clients do not return at once.
function backOff(attempt: number): number {
  return 0.5 * 2 ** (attempt - 1) * (1 + Math.random() / 2);
}

export async function pause(duration: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal?.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", stop); resolve(); }, duration * 1000);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
