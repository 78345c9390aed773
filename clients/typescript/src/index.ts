// The client of the API Passerelle: openapi-fetch with the types of the contract, and what every client needs.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./generated/api.ts";
import { keyed, version } from "./generated/contract.ts";
import { sender, type Retries } from "./sending.ts";
import { Tokens, type ClientCredentials, type UserCredentials } from "./tokens.ts";

export type { components, paths };
/** The version of the contract that this client was generated from. */
export { version };
export * from "./problems.ts";
export * from "./lists.ts";
export * from "./webhooks.ts";
export * from "./writing.ts";
export type { ClientCredentials, Retries, UserCredentials };
export { Tokens };

/** The types of a schema of the contract: `Schema<"Referral">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** The operations of the contract, with the types of their JSON. */
export type Api = Client<paths, "application/json" | "application/problem+json">;

export interface Settings {
  /** Address of the API: `https://api.example`. */
  url: string;
  /** Without them, only what is public can be read. */
  credentials?: ClientCredentials | UserCredentials;
  /** Language of messages. Default: French. */
  language?: "fr" | "en";
  retries?: Retries;
  fetch?: typeof globalThis.fetch;
}

export interface Passerelle {
  api: Api;
  /** For the sign-out of a user; undefined without credentials. */
  tokens: Tokens | undefined;
}

/** A client of the API at an address. */
export function connect(settings: Settings): Passerelle {
  const base = new URL(settings.url);
  const fetch = settings.fetch ?? ((request: Request) => globalThis.fetch(request)) as typeof globalThis.fetch;
  const tokens = settings.credentials && new Tokens(base, settings.credentials, fetch, settings.retries);
  const api: Api = createClient({
    baseUrl: base.href.replace(/\/$/, ""),
    fetch: sender(base, fetch, tokens, settings.retries),
    // Several values of a filter are separated by commas.
    querySerializer: { array: { style: "form", explode: false } },
  });
  api.use({
    onRequest({ request, schemaPath }) {
      const { headers, method } = request;
      headers.set("Accept-Language", settings.language ?? "fr");
      if (!headers.has("Accept")) headers.set("Accept", "application/json");
      if (method === "PATCH") headers.set("Content-Type", "application/merge-patch+json");
      // The retries send the same request, so they have the same key.
      if (keyed.has(`${method} ${schemaPath}`) && !headers.has("Idempotency-Key")) {
        headers.set("Idempotency-Key", crypto.randomUUID());
      }
    },
  });
  return { api, tokens };
}
