// Tokens: one call for all, renewed in time, once after a 401.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, ProblemError, SignInNeeded, take } from "../src/index.ts";
import { granted, page, problem, script, stub } from "./stub.ts";

const form = (body: string) => Object.fromEntries(new URLSearchParams(body));

test("fifty calls at once ask for one token", async () => {
  await using server = await stub(() => ({ body: page([], null) }), (number) => ({ body: granted(number), after: 50 }));
  const { api } = connect({ url: server.url, credentials: script });
  await Promise.all(Array.from({ length: 50 }, () => take(api.GET("/v1/kits"))));
  assert.equal(server.tokens().length, 1);
  assert.equal(server.calls().length, 50);
  assert.ok(server.calls().every((one) => one.headers.authorization === "Bearer token-1"));
  assert.deepEqual(form(server.tokens()[0]!.body), { grant_type: "client_credentials", client_id: "c", client_secret: "s" });
});

test("a token is renewed before it expires", async () => {
  await using server = await stub(() => ({ body: page([], null) }), (number) => ({ body: granted(number, number === 1 ? 0 : 600) }));
  const { api } = connect({ url: server.url, credentials: script });
  for (let call = 0; call < 3; call++) await take(api.GET("/v1/kits"));
  assert.deepEqual(server.calls().map((one) => one.headers.authorization), ["Bearer token-1", "Bearer token-2", "Bearer token-2"]);
});

test("fifty calls refused with 401 ask for one new token, and a write is sent again with its body", async () => {
  await using server = await stub((request) =>
    request.headers.authorization === "Bearer token-1" ? { status: 401, body: problem(401, "invalid_token") } : { body: {} });
  const { api } = connect({ url: server.url, credentials: script });
  await Promise.all(Array.from({ length: 50 }, () => take(api.POST("/v1/children/look-up", { body: { given_name: "Zoé" } as never }))));
  assert.equal(server.tokens().length, 2);
  assert.equal(server.calls().length, 100);
  assert.ok(server.calls().every((one) => one.body === '{"given_name":"Zoé"}'));
});

test("a second 401 is the answer", async () => {
  await using server = await stub(() => ({ status: 401, body: problem(401, "invalid_token") }));
  const { api } = connect({ url: server.url, credentials: script });
  await assert.rejects(take(api.GET("/v1/kits")), (error) => error instanceof ProblemError && error.code === "invalid_token");
  assert.equal(server.calls().length, 2);
  assert.equal(server.tokens().length, 2);
});

test("wrong credentials are a problem, asked once", async () => {
  await using server = await stub(() => ({}), () => ({ status: 401, body: problem(401, "invalid_client") }));
  const { api } = connect({ url: server.url, credentials: script });
  await assert.rejects(take(api.GET("/v1/kits")), (error) => error instanceof ProblemError && error.code === "invalid_client");
  assert.equal(server.tokens().length, 1);
});

test("a user's password is sent once, then each refresh token once; a session that is over says so", async () => {
  await using server = await stub(
    () => ({ body: page([], null) }),
    (number) => number < 3 ? { body: granted(number, 0) } : { status: 400, body: problem(400, "invalid_grant") },
  );
  const { api } = connect({ url: server.url, credentials: { username: "u", password: "p", otp: "123456" } });
  await take(api.GET("/v1/kits"));
  await take(api.GET("/v1/kits"));
  await assert.rejects(take(api.GET("/v1/kits")), SignInNeeded);
  await assert.rejects(take(api.GET("/v1/kits")), SignInNeeded);
  assert.deepEqual(server.tokens().map((one) => form(one.body)), [
    { grant_type: "password", username: "u", password: "p", otp: "123456" },
    { grant_type: "refresh_token", refresh_token: "refresh-1" },
    { grant_type: "refresh_token", refresh_token: "refresh-2" },
  ]);
});

test("a sign-out revokes the session, and nothing is sent afterwards", async () => {
  await using server = await stub(() => ({ body: page([], null) }));
  const { api, tokens } = connect({ url: server.url, credentials: { username: "u", password: "p" } });
  await take(api.GET("/v1/kits"));
  await tokens!.signOut();
  assert.deepEqual(form(server.calls().at(-1)!.body), { token: "refresh-1" });
  await assert.rejects(take(api.GET("/v1/kits")), SignInNeeded);
});

test("a token is not sent to another server", async () => {
  await using other = await stub(() => ({ body: page([], null) }));
  await using server = await stub(() => ({ body: page([], null) }));
  const { api } = connect({ url: server.url, credentials: script });
  await take(api.GET("/v1/kits", { baseUrl: other.url }));
  assert.equal(other.calls()[0]!.headers.authorization, undefined);
});
