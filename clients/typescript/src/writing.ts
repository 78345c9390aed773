// Changes of objects that others change too.
import { ConflictError, take, type Answer } from "./problems.ts";

/** The value of `If-Match` for an object that was read. */
export function ifMatch({ data, response }: Answer<unknown>): string {
  const tag = response.headers.get("ETag");
  if (tag) return tag;
  const version = (data as { version?: number } | undefined)?.version;
  if (version === undefined) throw new Error("the response has neither an ETag nor a version");
  return `"${version}"`;
}

/** The change makes no sense for the object as it is now. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}

/**
 * Reads an object and changes it. If it changed in between (412), reads it again and tries once more. `change` gets the
 * object and the value of `If-Match`, and returns undefined if its change does not apply (any more).
 */
export async function update<T, R>(
  read: () => Promise<Answer<T>>,
  change: (current: T, ifMatch: string) => Promise<Answer<R>> | undefined,
): Promise<R> {
  for (let again = false; ; again = true) {
    const answer = await read();
    const call = change(await take(answer), ifMatch(answer));
    if (!call) throw new NotApplicable("the change does not apply to the object as it is");
    try {
      return await take(call);
    } catch (error) {
      if (again || !(error instanceof ConflictError) || error.status !== 412) throw error;
    }
  }
}
