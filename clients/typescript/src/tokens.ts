// Access tokens: one call for all who wait, renewed before they expire.
import type { components } from "./generated/api.ts";
import { problemError, SignInNeeded } from "./problems.ts";
import { sendAgain, type Retries } from "./sending.ts";

type Token = components["schemas"]["Token"];

/** A program or an institution: it may keep its secret. */
export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

/** A user. The password is used once and forgotten: the refresh token continues the session. */
export interface UserCredentials {
  username: string;
  password: string;
  /** For a user with a second factor. */
  otp?: string;
  /** What `deviceToken` was after the last sign-in on this device. */
  deviceToken?: string;
}

/** The longest time before its end at which a token is renewed, in seconds. */
const MARGIN = 60;

export class Tokens {
  /** After the sign-in of a user: keep it on this device for the next sign-in. It gives no access. */
  deviceToken: string | undefined;
  readonly #base: URL;
  readonly #fetch: typeof globalThis.fetch;
  readonly #retries: Retries | undefined;
  #credentials: ClientCredentials | UserCredentials | undefined;
  #refresh: string | undefined;
  #current: { value: string; renewAt: number } | undefined;
  #running: Promise<string> | undefined;

  constructor(base: URL, credentials: ClientCredentials | UserCredentials, fetch: typeof globalThis.fetch, retries?: Retries) {
    this.#base = base;
    this.#credentials = credentials;
    this.#fetch = fetch;
    this.#retries = retries;
  }

  /** A token that is valid for a while. */
  async get(): Promise<string> {
    if (this.#current && Date.now() < this.#current.renewAt) return this.#current.value;
    return this.#renewed();
  }

  /** A token other than the one that was refused. */
  async renew(refused: string): Promise<string> {
    // Another call may have renewed it already.
    if (this.#current?.value === refused) this.#current = undefined;
    return this.get();
  }

  /** Ends the session of a user, here and on the server. */
  async signOut(): Promise<void> {
    await this.#running?.catch(() => undefined);
    const refresh = this.#refresh;
    this.#credentials = this.#refresh = this.#current = undefined;
    if (refresh) await this.#call("/oauth/revoke", { token: refresh });
  }

  // A refresh token works once, so two renewals must never run at the same time.
  #renewed(): Promise<string> {
    this.#running ??= this.#request().finally(() => { this.#running = undefined; });
    return this.#running;
  }

  async #request(): Promise<string> {
    const response = await this.#call("/oauth/token", this.#grant());
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) {
      const problem = problemError(response, body);
      if (this.#refresh === undefined || response.status === 429 || response.status >= 500) throw problem;
      this.#refresh = this.#current = undefined;
      throw new SignInNeeded("the session is over", { cause: problem });
    }
    const token = body as Token;
    const margin = Math.min(MARGIN, token.expires_in / 4);
    this.#current = { value: token.access_token, renewAt: Date.now() + (token.expires_in - margin) * 1000 };
    this.deviceToken = token.device_token ?? this.deviceToken;
    if (this.#credentials && "username" in this.#credentials) this.#credentials = undefined;
    this.#refresh = token.refresh_token;
    return token.access_token;
  }

  #grant(): Record<string, string> {
    if (this.#refresh !== undefined) return { grant_type: "refresh_token", refresh_token: this.#refresh };
    const its = this.#credentials;
    if (its === undefined) throw new SignInNeeded("nobody is signed in");
    if ("clientId" in its) return { grant_type: "client_credentials", client_id: its.clientId, client_secret: its.clientSecret };
    return {
      grant_type: "password", username: its.username, password: its.password,
      ...(its.otp && { otp: its.otp }), ...(its.deviceToken && { device_token: its.deviceToken }),
    };
  }

  #call(path: string, fields: Record<string, string>): Promise<Response> {
    const request = new Request(new URL(path, this.#base), { method: "POST", body: new URLSearchParams(fields) });
    return sendAgain((copy) => this.#fetch(copy), request, true, this.#retries);
  }
}
