// The main job with the types of openapi-typescript: token, referral, acceptance, interview, figures, a kit, and an error.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";
import { day, demo, expect, nextMonday, there } from "./demo.js";

const api = createClient<paths>({ baseUrl: demo.url });
const script = there(demo.clients.at(-1), "a client");
const service_id = there(demo.services[0], "a service").id;

const token = await api.POST("/oauth/token", {
  body: { grant_type: "client_credentials", ...{ client_id: script.client_id, client_secret: script.client_secret } },
  bodySerializer: (body) => new URLSearchParams(body as unknown as Record<string, string>),
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
const bearer = `Bearer ${there(token.data, "a token").access_token}`;
api.use({ onRequest: ({ request }) => { request.headers.set("Authorization", bearer); } });

const recorded = await api.POST("/v1/referrals", {
  body: {
    service_id, subject: "child", origin: "pmi", channel: "phone", commune_code: "63300",
    child: {
      identity: { given_name: "Zoé", family_name: "Typescript", birth_date: day(2) },
      contacts: [{ relation: "parent", name: "Camille Typescript", phone: "06 39 98 00 01" }],
    },
    needs: ["find_childcare"],
    family_agreements: [{ purpose: "support", given_by: "parent", given_on: day() }],
  },
});
const referral = there(recorded.data, "a referral").referral;
expect(referral.available_actions.includes("accept"), "a referral that can be accepted");

const accepted = await api.POST("/v1/referrals/{id}/accept", {
  params: { path: { id: referral.id }, header: { "If-Match": `"${referral.version}"` } },
  body: {},
});
const id = there(accepted.data?.case_id, "a case");

const interview = await api.POST("/v1/cases/{id}/interventions", {
  params: { path: { id } },
  body: { type: "family_interview", held_on: day(), minutes: 60, travel_minutes: 40, place: "family_home", participants: [{ kind: "parent", number: 2 }] },
});
expect(there(interview.data, "an intervention").case_id === id, "an intervention of the case");

const figures = await api.GET("/v1/services/{id}/activity", {
  params: { path: { id: service_id }, query: { from: day(), to: day() } },
});
const number = there(figures.data, "figures").interventions.number;
expect(number >= 1, "the interview among the figures");

const kit = await api.POST("/v1/kits", {
  body: { service_id, title_fr: "Sensorielle", themes: ["senses"], audiences: ["family", "early_childhood_professional"] },
});
const kit_id = there(kit.data, "a kit").id;
const copy = await api.POST("/v1/kits/{id}/copies", {
  params: { path: { id: kit_id } },
  body: { label: "1", condition: "new", home_site: "Issoire" },
});
const copy_id = there(copy.data, "a copy").id;
const kits = await api.GET("/v1/kits", { params: { query: { service_id } } });
expect(typeof kits.data === "object" && kits.data.data.some((one) => one.copies.some((its) => its.id === copy_id)), "the kit with its copy");
const assessment = await api.POST("/v1/reservations/check", {
  body: {
    service_id, kit_id, starts_on: nextMonday(),
    borrower: { kind: "professional", name: "Dominique Typescript", commune_code: "63300" },
  },
});
expect(there(assessment.data?.loan, "a loan").copy_id === copy_id, "the copy");

const refused = await api.GET("/v1/referrals", { params: { query: { limit: 100_000 } } });
const problem = there(refused.error, "a problem");
expect(problem.status === 400 && problem.errors.length > 0, "the fault of the parameter");
console.log(`openapi-typescript: main job done, ${number} intervention(s) today; an error is ${problem.code}`);
