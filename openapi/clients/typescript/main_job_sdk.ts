// The main job with the functions of @hey-api/openapi-ts: token, referral, acceptance, interview, figures, a kit, and an error.
import { day, demo, expect, nextMonday, there } from "./demo.js";
import {
  acceptReferral, checkReservation, createIntervention, createKit, createKitCopy, createReferral, createToken, getActivity,
  listKits, listReferrals,
} from "./sdk/index.js";
import { client } from "./sdk/client.gen.js";

const script = there(demo.clients.at(-1), "a client");
const service_id = there(demo.services[0], "a service").id;

client.setConfig({ baseUrl: demo.url });
const token = await createToken({
  body: { grant_type: "client_credentials", client_id: script.client_id, client_secret: script.client_secret },
  throwOnError: true,
});
client.setConfig({ auth: token.data.access_token });

const recorded = await createReferral({
  body: {
    service_id, subject: "child", origin: "pmi", channel: "phone", commune_code: "63300",
    child: {
      identity: { given_name: "Zoé", family_name: "Openapi", birth_date: day(2) },
      contacts: [{ relation: "parent", name: "Camille Openapi", phone: "06 39 98 00 02" }],
    },
    needs: ["find_childcare"],
    family_agreements: [{ purpose: "support", given_by: "parent", given_on: day() }],
  },
  throwOnError: true,
});
const referral = recorded.data.referral;
expect(referral.available_actions.includes("accept"), "a referral that can be accepted");

const accepted = await acceptReferral({
  path: { id: referral.id },
  headers: { "If-Match": `"${referral.version}"` },
  body: {},
  throwOnError: true,
});
const id = there(accepted.data.case_id, "a case");

const interview = await createIntervention({
  path: { id },
  body: { type: "family_interview", held_on: day(), minutes: 60, travel_minutes: 40, place: "family_home", participants: [{ kind: "parent", number: 2 }] },
  throwOnError: true,
});
expect(interview.data.case_id === id, "an intervention of the case");

const figures = await getActivity({ path: { id: service_id }, query: { from: day(), to: day() }, throwOnError: true });
const number = figures.data.interventions.number;
expect(number >= 1, "the interview among the figures");

const kit = await createKit({
  body: { service_id, title_fr: "Sensorielle", themes: ["senses"], audiences: ["family", "early_childhood_professional"] },
  throwOnError: true,
});
const kit_id = kit.data.id;
const copy = await createKitCopy({
  path: { id: kit_id },
  body: { label: "1", condition: "new", home_site: "Issoire" },
  throwOnError: true,
});
const kits = await listKits({ query: { service_id }, throwOnError: true });
expect(kits.data.data.some((one) => one.copies.some((its) => its.id === copy.data.id)), "the kit with its copy");
const assessment = await checkReservation({
  body: {
    service_id, kit_id, starts_on: nextMonday(),
    borrower: { kind: "professional", name: "Dominique Openapi", commune_code: "63300" },
  },
  throwOnError: true,
});
expect(there(assessment.data.loan, "a loan").copy_id === copy.data.id, "the copy");

const refused = await listReferrals({ query: { limit: 100_000 } });
const problem = there(refused.error, "a problem");
expect(problem.status === 400 && problem.errors.length > 0, "the fault of the parameter");
console.log(`@hey-api/openapi-ts: main job done, ${number} intervention(s) today; an error is ${problem.code}`);
