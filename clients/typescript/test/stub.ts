// A server that answers as a test says.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}
type Reply = { status?: number; headers?: Record<string, string>; body?: unknown; after?: number } | "cut";

export interface Stub {
  url: string;
  received: Received[];
  /** The requests for a path, without those for tokens. */
  calls(): Received[];
  tokens(): Received[];
}

/** Answers each request for a token with the next token; each other one with what `reply` returns. */
export async function stub(
  reply: (request: Received, number: number) => Reply, token: (number: number) => Reply = (number) => ({ body: granted(number) }),
): Promise<Stub & AsyncDisposable> {
  const received: Received[] = [];
  let calls = 0, tokens = 0;
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const part of incoming) body += part;
    const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
    received.push(request);
    send(outgoing, request.path === "/oauth/token" ? token(++tokens) : reply(request, ++calls));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    calls: () => received.filter((one) => one.path !== "/oauth/token"),
    tokens: () => received.filter((one) => one.path === "/oauth/token"),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(outgoing: ServerResponse, reply: Reply): void {
  if (reply === "cut") {
    outgoing.destroy();
    return;
  }
  const { status = 200, headers = {}, body, after = 0 } = reply;
  const problem = status >= 400;
  setTimeout(() => {
    outgoing.writeHead(status, { "Content-Type": problem ? "application/problem+json" : "application/json", ...headers });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  }, after);
}

export const granted = (number: number, expires_in = 600) =>
  ({ access_token: `token-${number}`, token_type: "Bearer", expires_in, scope: "", refresh_token: `refresh-${number}` });

export function problem(status: number, code: string, more: object = {}) {
  return { type: `/problems/${code}`, title: code, status, detail: code, instance: "/", code, request_id: "r", errors: [], ...more };
}

export const page = (data: unknown[], next_cursor: string | null, more: object = {}) => ({ data, page: { next_cursor, limit: 2, ...more } });
export const script = { clientId: "c", clientSecret: "s" };
