// Retries: after 429, 503 and a broken connection, only where that is safe.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, ProblemError, take } from "../src/index.ts";
import { page, problem, stub } from "./stub.ts";

const kit = { body: { service_id: "s", title_fr: "t", themes: [], audiences: [] } as never };
const lookUp = { body: {} as never };
const fails = (status: number) => (error: unknown) => error instanceof ProblemError && error.status === status;

test("a 429 is waited for as long as Retry-After says", async () => {
  await using server = await stub((_, number) =>
    number === 1 ? { status: 429, headers: { "Retry-After": "1" }, body: problem(429, "too_many_requests") } : { body: page([], null) });
  const begun = Date.now();
  await take(connect({ url: server.url }).api.GET("/v1/kits"));
  assert.equal(server.calls().length, 2);
  assert.ok(Date.now() - begun >= 990);
});

test("a Retry-After over the limit is not waited for", async () => {
  await using server = await stub(() => ({ status: 429, headers: { "Retry-After": "900" }, body: problem(429, "too_many_requests") }));
  const { api } = connect({ url: server.url });
  await assert.rejects(take(api.GET("/v1/kits")), fails(429));
  assert.equal(server.calls().length, 1);
});

test("a read is tried four times at most", async () => {
  await using server = await stub(() => ({ status: 503, headers: { "Retry-After": "0" }, body: problem(503, "unavailable") }));
  const { api } = connect({ url: server.url });
  await assert.rejects(take(api.GET("/v1/kits")), fails(503));
  assert.equal(server.calls().length, 4);
});

test("a write keeps its Idempotency-Key and its body after 503, a broken connection and a twin that still runs", async () => {
  await using server = await stub((_, number) => [
    { status: 503, headers: { "Retry-After": "0" }, body: problem(503, "outcome_unknown") } as const,
    "cut" as const,
    { status: 409, headers: { "Retry-After": "0" }, body: problem(409, "request_in_progress") } as const,
  ][number - 1] ?? { status: 201, body: { id: "k" } });
  await take(connect({ url: server.url }).api.POST("/v1/kits", kit));
  const sent = server.calls().map((one) => `${one.headers["idempotency-key"]} ${one.body}`);
  assert.equal(sent.length, 4);
  assert.equal(new Set(sent).size, 1);
  assert.match(sent[0]!, /^[0-9a-f-]{36} \{"service_id"/);
});

test("two writes have two keys, and a given key is kept", async () => {
  await using server = await stub(() => ({ status: 201, body: {} }));
  const { api } = connect({ url: server.url });
  await take(api.POST("/v1/kits", kit));
  await take(api.POST("/v1/kits", kit));
  await take(api.POST("/v1/kits", { ...kit, headers: { "Idempotency-Key": "mine" } }));
  const keys = server.calls().map((one) => one.headers["idempotency-key"]);
  assert.equal(new Set(keys).size, 3);
  assert.equal(keys[2], "mine");
});

test("a write that takes no key is sent once", async () => {
  await using server = await stub(() => "cut");
  const { api } = connect({ url: server.url });
  await assert.rejects(take(api.POST("/v1/children/look-up", lookUp)));
  assert.equal(server.calls().length, 1);
  assert.equal(server.calls()[0]!.headers["idempotency-key"], undefined);
});

test("a read is sent again after a broken connection, and after no answer in time", async () => {
  await using server = await stub((_, number) => number === 1 ? "cut" : { body: page([], null), after: number === 2 ? 3000 : 0 });
  const { api } = connect({ url: server.url, retries: { timeout: 0.3 } });
  await take(api.GET("/v1/kits"));
  assert.equal(server.calls().length, 3);
});

test("who aborts does not wait", async () => {
  await using server = await stub(() => ({ status: 503, headers: { "Retry-After": "20" }, body: problem(503, "unavailable") }));
  const begun = Date.now();
  const call = connect({ url: server.url }).api.GET("/v1/kits", { signal: AbortSignal.timeout(200) });
  await assert.rejects(take(call), { name: "TimeoutError" });
  assert.ok(Date.now() - begun < 5000);
});

test("a merge patch has its media type; filters are separated by commas", async () => {
  await using server = await stub(() => ({ body: page([], null) }));
  const { api } = connect({ url: server.url, language: "en" });
  await take(api.PATCH("/v1/kits/{id}", { params: { path: { id: "k" }, header: { "If-Match": '"1"' } }, body: { title_fr: "t" } }));
  await take(api.GET("/v1/referrals", { params: { query: { status: ["received", "qualified"] } } }));
  const [patch, list] = server.calls();
  assert.equal(patch!.headers["content-type"], "application/merge-patch+json");
  assert.equal(patch!.headers["if-match"], '"1"');
  assert.equal(list!.headers["accept-language"], "en");
  assert.equal(decodeURIComponent(list!.path), "/v1/referrals?status=received,qualified");
});
