// Lists, the change feed, problems and conflicts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, ConflictError, follow, NotApplicable, pages, ProblemError, rows, take, update } from "../src/index.ts";
import { page, problem, stub } from "./stub.ts";

const query = (path: string) => Object.fromEntries(new URL(path, "http://stub").searchParams);

test("the rows of all pages, with the same filters", async () => {
  await using server = await stub((_, number) => ({ body: number === 1 ? page([{ id: "a" }, { id: "b" }], "next") : page([{ id: "c" }], null) }));
  const { api } = connect({ url: server.url });
  const ids: string[] = [];
  for await (const row of rows(api, "/v1/referrals", { query: { status: ["received"], limit: 2 } })) ids.push(row.id);
  assert.deepEqual(ids, ["a", "b", "c"]);
  assert.deepEqual(server.calls().map((one) => query(one.path)), [
    { status: "received", limit: "2" }, { status: "received", limit: "2", cursor: "next" },
  ]);
});

test("a page is not requested before it is needed", async () => {
  await using server = await stub(() => ({ body: page([{ id: "a" }], "next") }));
  for await (const one of pages(connect({ url: server.url }).api, "/v1/cases/{id}/interventions", { path: { id: "c" } })) {
    assert.equal(one.data.length, 1);
    break;
  }
  assert.deepEqual(server.calls().map((one) => one.path), ["/v1/cases/c/interventions"]);
});

test("a follower saves its place after the work, and continues there", async () => {
  await using server = await stub((request) =>
    ({ body: query(request.path)["cursor"] === "2" ? page([], "2", { has_more: false }) : page([{ id: "x" }], "2", { has_more: true }) }));
  const { api } = connect({ url: server.url });
  let kept: string | undefined;
  const place = { load: () => kept, save: (cursor: string) => { kept = cursor; } };
  await assert.rejects(async () => { for await (const _ of follow(api, { place })) throw new Error("the work failed"); });
  assert.equal(kept, undefined);
  let batches = 0;
  for await (const { changes } of follow(api, { place, filters: { resource: ["case"] } })) batches += changes.length;
  assert.equal(batches, 1);
  assert.equal(kept, "2");
  assert.deepEqual(server.calls().map((one) => query(one.path)), [{}, { resource: "case" }, { resource: "case", cursor: "2" }]);
});

test("after a restore a follower says so and continues at the end of the backup", async () => {
  await using server = await stub((request) => query(request.path)["cursor"] === "9"
    ? { status: 410, body: problem(410, "feed_restored", { next_cursor: "5", restored_at: "2026-01-01T00:00:00Z" }) }
    : { body: page([{ id: "x" }], "6", { has_more: false }) });
  let kept = "9";
  const seen = [];
  const place = { load: () => kept, save: (cursor: string) => { kept = cursor; } };
  for await (const batch of follow(connect({ url: server.url }).api, { place })) seen.push(batch.restoredAt ?? batch.changes.length);
  assert.deepEqual(seen, ["2026-01-01T00:00:00Z", 1]);
  assert.equal(kept, "6");
});

test("at the end of the feed a follower asks again until it is stopped", async () => {
  await using server = await stub((_, number) => ({ body: page([], String(number), { has_more: false }) }));
  const stop = new AbortController();
  const place = { load: () => undefined, save: (cursor: string) => { if (cursor === "3") stop.abort(new Error("stopped")); } };
  await assert.rejects(async () => {
    for await (const _ of follow(connect({ url: server.url }).api, { place, every: 0.01, signal: stop.signal }));
  }, /stopped/);
  assert.equal(server.calls().length, 3);
});

test("a problem has its code, its faults and the identifier of its request", async () => {
  const faults = [{ pointer: "/needs", code: "required", message: "Ce champ est obligatoire." }];
  await using server = await stub(() => ({ status: 400, body: problem(400, "invalid_body", { errors: faults, request_id: "r-1" }) }));
  const call = take(connect({ url: server.url }).api.GET("/v1/kits"));
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ProblemError && !(error instanceof ConflictError));
    assert.deepEqual([error.status, error.code, error.requestId, error.errors], [400, "invalid_body", "r-1", faults]);
    return true;
  });
});

test("what is not a problem document is an error too", async () => {
  await using server = await stub(() => ({ status: 502, headers: { "Content-Type": "text/html" } }));
  await assert.rejects(take(connect({ url: server.url }).api.GET("/v1/kits")), { code: "unexpected_response", status: 502 });
});

// A kit whose version is `versions[n]` at the n-th read, and that a PATCH of `accepted` changes.
async function changed(versions: number[], accepted: number, change: (version: number) => string | undefined) {
  let reads = 0;
  await using server = await stub((request) => {
    if (request.method === "GET") {
      const version = versions[reads++]!;
      return { headers: { ETag: `"${version}-d"` }, body: { id: "k", version } };
    }
    return request.headers["if-match"] === `"${accepted}-d"` ? { body: { id: "k", title_fr: JSON.parse(request.body).title_fr } }
      : { status: 412, body: problem(412, "version_mismatch") };
  });
  const { api } = connect({ url: server.url });
  const path = { id: "k" };
  const result = await update(
    () => api.GET("/v1/kits/{id}", { params: { path } }),
    (kit, ifMatch) => {
      const title_fr = change(kit.version);
      return title_fr === undefined ? undefined
        : api.PATCH("/v1/kits/{id}", { params: { path, header: { "If-Match": ifMatch } }, body: { title_fr } });
    },
  );
  return [result.title_fr, reads];
}

test("a conflict is read again and tried once more", async () => {
  assert.deepEqual(await changed([1, 2], 2, (version) => `of ${version}`), ["of 2", 2]);
});

test("a second conflict is the answer", async () => {
  await assert.rejects(changed([1, 2, 3], 3, () => "t"), (error) => error instanceof ConflictError && error.status === 412);
});

test("a change that no longer applies is not sent", async () => {
  await assert.rejects(changed([1, 2], 2, (version) => version === 1 ? "t" : undefined), NotApplicable);
});
