// Refusals of the API as exceptions.
import type { components } from "./generated/api.ts";

/** The document of an error (RFC 9457). Some codes add members: `next_cursor`, `next_free`, `required_permission`. */
export type Problem = components["schemas"]["Problem"] & Record<string, unknown>;
export type Fault = components["schemas"]["ProblemFault"];

/** The API refused a request. Programs test `code`; people read `message`. */
export class ProblemError extends Error {
  override readonly name: string = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }

  get status(): number { return this.problem.status; }
  get code(): string { return this.problem.code; }
  get errors(): readonly Fault[] { return this.problem.errors; }
  get requestId(): string { return this.problem.request_id; }
}

/** 409 and 412: the state or the version of the object, or another object, is in the way. */
export class ConflictError extends ProblemError {
  override readonly name = "ConflictError";
}

/** The session of a user is over: their password is needed again. */
export class SignInNeeded extends Error {
  override readonly name = "SignInNeeded";
}

/** What openapi-fetch returns. */
export interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful response; a refusal is thrown as a `ProblemError`. */
export async function take<T>(call: Answer<T> | Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw problemError(response, error);
}

export function problemError(response: Response, body: unknown): ProblemError {
  const problem = isProblem(body) ? body : foreign(response);
  return problem.status === 409 || problem.status === 412 ? new ConflictError(problem) : new ProblemError(problem);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "status" in body && "errors" in body;
}

// Not from the API: a proxy, or a response without a body.
function foreign(response: Response): Problem {
  return {
    type: "about:blank", title: response.statusText || `HTTP ${response.status}`, status: response.status,
    detail: `HTTP ${response.status}`, instance: "", code: "unexpected_response", errors: [],
    request_id: response.headers.get("X-Request-Id") ?? "",
  };
}
