// Sign in, the list of referrals, a new one: an example of a front end with @passerelle/client.
import { connect, pages, ProblemError, rows, SignInNeeded, take, type Passerelle, type Schema } from "@passerelle/client";
import { showFaults, clearFaults } from "./faults.ts";

const url: string = import.meta.env["VITE_API"] ?? "http://127.0.0.1:8080";
const element = <E extends HTMLElement>(selector: string) => document.querySelector<E>(selector)!;
const signIn = element<HTMLFormElement>("#sign-in"), creation = element<HTMLFormElement>("#new");
const status = element("#status"), more = element<HTMLButtonElement>("#more"), body = element("tbody");

const states: Record<Schema<"ReferralStatus">, string> = {
  received: "Reçue", qualified: "Qualifiée", waiting_list: "En liste d’attente", accepted: "Acceptée", declined: "Refusée",
  redirected: "Réorientée", withdrawn: "Retirée", annulled: "Annulée",
};
let session: Passerelle | undefined;
let service_id = "";
let list: AsyncGenerator<{ data: Schema<"Referral">[] }> | undefined;

// The labels of a code list fill a field of choice.
async function fill(select: HTMLSelectElement): Promise<void> {
  const path = { list: select.dataset["list"]! };
  const { codes } = await take(session!.api.GET("/v1/nomenclatures/{list}", { params: { path } }));
  select.replaceChildren(new Option("Choisir…", ""), ...codes.map((one) => new Option(one.label_fr, one.code)));
}

async function communes(): Promise<void> {
  const query = { kind: ["commune" as const], parent: "departement:63", limit: 500 };
  for await (const { code, name } of rows(session!.api, "/v1/territories", { query })) {
    element("#communes").append(new Option(name, code));
  }
}

async function next(): Promise<void> {
  const page = await list!.next();
  for (const one of page.done ? [] : page.value.data) {
    const child = one.child ? `${one.child.given_name ?? ""} ${one.child.family_name ?? ""}`.trim() : one.organisation_name;
    const row = document.createElement("tr");
    for (const text of [child || "—", new Date(one.received_on).toLocaleDateString("fr-FR"), one.commune_name ?? "—",
      states[one.status]]) row.insertCell().textContent = text;
    body.append(row);
  }
  more.hidden = page.done === true || page.value.data.length < 50;
}

async function show(): Promise<void> {
  body.replaceChildren();
  list = pages(session!.api, "/v1/referrals", { query: { service_id, limit: 50 } });
  await next();
}

// Runs the work of a form; what is refused is shown next to its fields.
function submitted(form: HTMLFormElement, work: (fields: FormData) => Promise<void>): void {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button")!;
    clearFaults(form);
    button.disabled = true;
    try {
      await work(new FormData(form));
    } catch (error) {
      if (error instanceof SignInNeeded) leave();
      showFaults(form, error instanceof ProblemError ? error.errors : [], error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  });
}

// A body with the fields that are filled in, each at its pointer. What is missing is a fault that the API reports.
function filled(fields: FormData, body: object): unknown {
  for (const [pointer, value] of fields) {
    if (value === "") continue;
    const path = pointer.split("/").slice(1);
    let place = body as Record<string, unknown>;
    path.forEach((name, at) => {
      const next = path[at + 1];
      place = (place[name] ??= next === undefined ? value : next === "0" ? [] : {}) as Record<string, unknown>;
    });
  }
  return body;
}

function leave(): void {
  void session?.tokens?.signOut().catch(() => undefined);
  session = undefined;
  body.replaceChildren();
  element("#referrals").hidden = true;
  signIn.hidden = false;
  signIn.querySelector("input")!.focus();
}

submitted(signIn, async (fields) => {
  session = connect({ url, credentials: { username: String(fields.get("username")), password: String(fields.get("password")) } });
  const me = await take(session.api.GET("/v1/me"));
  service_id = me.services[0]?.service_id ?? "";
  await Promise.all([show(), communes(), ...[...creation.querySelectorAll("select")].map(fill)]);
  signIn.reset();
  signIn.hidden = true;
  element("#referrals").hidden = false;
  element("#list-title").focus();
});

submitted(creation, async (fields) => {
  const body = filled(fields, { service_id, subject: "child", child: { identity: {} } }) as Schema<"ReferralInput">;
  const { referral } = await take(session!.api.POST("/v1/referrals", { body }));
  creation.reset();
  status.textContent = `Demande enregistrée pour ${referral.child?.given_name} ${referral.child?.family_name}.`;
  await show();
});

more.addEventListener("click", () => void next());
element("#sign-out").addEventListener("click", leave);
