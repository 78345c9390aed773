// The helpers against the real program. Standard input: the JSON that `passerelle demo --json` prints.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, ConflictError, follow, NotApplicable, ProblemError, rows, SignInNeeded, take, update, version, type Schema } from "../src/index.ts";

interface Demo {
  url: string;
  services: { id: string }[];
  clients: { client_id: string; client_secret: string }[];
  users: { email: string; password: string }[];
}
const { url, services, clients, users } = JSON.parse(readFileSync(0, "utf8")) as Demo;
const { client_id, client_secret } = clients.at(-1)!;
let sent = 0, tokens = 0;
const counting = ((request: Request) => {
  sent++;
  if (request.url.endsWith("/oauth/token")) tokens++;
  return fetch(request);
}) as typeof fetch;
const { api } = connect({ url, credentials: { clientId: client_id, clientSecret: client_secret }, fetch: counting });

// Tokens: fifty calls at once.
await Promise.all(Array.from({ length: 50 }, () => take(api.GET("/v1/services"))));
assert.deepEqual([sent, tokens], [51, 1]);

// The change feed, to its end.
let place: string | undefined;
const kept = { load: () => place, save: (cursor: string) => { place = cursor; } };
for await (const { changes } of follow(api, { place: kept, filters: { resource: ["referral", "case"] } })) assert.ok(changes.length > 0);

// A list: the pages together are the whole list, and its rows are typed.
const whole = await take(api.GET("/v1/referrals", { params: { query: { limit: 500, include_total: true } } }));
const ids = new Set<string>();
for await (const row of rows(api, "/v1/referrals", { query: { limit: 3, status: ["accepted", "redirected"] } })) {
  assert.ok(row.status === "accepted" || row.status === "redirected");
  // @ts-expect-error: a row is typed.
  assert.equal(row.statuses, undefined);
  ids.add(row.id);
}
const wanted = whole.data.filter((one) => one.status === "accepted" || one.status === "redirected");
assert.ok(whole.page.total === whole.data.length && wanted.length > 3);
assert.deepEqual(ids, new Set(wanted.map((one) => one.id)));

// A write with a key of the caller has one effect.
const today = new Date().toLocaleDateString("sv-SE");
const body: Schema<"ReferralInput"> = {
  service_id: services[0]!.id, subject: "child", origin: "pmi", channel: "phone", commune_code: "63300", needs: ["find_childcare"],
  child: { identity: { given_name: "Zoé", family_name: "Paquet", birth_date: `${Number(today.slice(0, 4)) - 2}-01-15` } },
  family_agreements: [{ purpose: "support", given_by: "parent", given_on: today }],
};
const key = { "Idempotency-Key": crypto.randomUUID() };
const first = await take(api.POST("/v1/referrals", { body, headers: key }));
const second = await api.POST("/v1/referrals", { body, headers: key });
assert.equal((await take(second)).referral.id, first.referral.id);
assert.equal(second.response.headers.get("Idempotency-Replayed"), "true");

// A conflict: somebody else changes the referral after it was read.
const path = { id: first.referral.id };
const read = () => api.GET("/v1/referrals/{id}", { params: { path } });
const patch = (match: string, urgency: Schema<"Urgency">) =>
  api.PATCH("/v1/referrals/{id}", { params: { path, header: { "If-Match": match } }, body: { urgency } });
let attempts = 0;
const urgent = await update(read, async (referral, match) => {
  if (++attempts === 1) await take(patch(`"${referral.version}"`, "priority"));
  return patch(match, "urgent");
});
assert.deepEqual([urgent.urgency, attempts], ["urgent", 2]);
await assert.rejects(take(patch('"1"', "normal")), (error) => error instanceof ConflictError && error.status === 412);

const accept = () => update(read, (referral, match) => referral.available_actions.includes("accept")
  ? api.POST("/v1/referrals/{id}/accept", { params: { path, header: { "If-Match": match } }, body: {} }) : undefined);
assert.ok((await accept()).case_id);
await assert.rejects(accept(), NotApplicable);

// The change is in the feed, after the place that was kept.
const seen: string[] = [];
for await (const { changes } of follow(api, { place: kept, filters: { resource: ["referral", "case"] } })) {
  seen.push(...changes.map((one) => one.object_id));
}
assert.ok(seen.includes(path.id));

// A problem has all its faults.
const wrong = take(api.POST("/v1/referrals", { body: { ...body, needs: [], commune_code: "nowhere" } }));
await assert.rejects(wrong, (error) => error instanceof ProblemError && error.code === "invalid_body" && error.errors.length === 2
  && error.requestId.length === 36);

// A user: password, renewal, sign-out.
const user = connect({ url, language: "en", credentials: { username: users[0]!.email, password: users[0]!.password } });
await take(user.api.GET("/v1/me"));
const before = await user.tokens!.get();
assert.notEqual(await user.tokens!.renew(before), before);
await take(user.api.GET("/v1/me"));
await user.tokens!.signOut();
await assert.rejects(take(user.api.GET("/v1/me")), SignInNeeded);
console.log(`@passerelle/client ${version}: ${sent} calls of a script, and a session`);
