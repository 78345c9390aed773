// Lists and the change feed as iterators.
import type { paths } from "./generated/api.ts";
import type { Api } from "./index.ts";
import { ProblemError, take, type Answer } from "./problems.ts";
import { pause } from "./sending.ts";

type ListOperation = { get: { parameters: object; responses: { 200: { content: { "application/json": { data: unknown[]; page: object } } } } } };

/** The paths of the lists of the contract. */
export type ListPath = { [P in keyof paths]: paths[P] extends ListOperation ? P : never }[keyof paths];
/** The filters, and the identifiers of the path, that a list takes. */
export type ListParameters<P extends ListPath> = paths[P] extends ListOperation ? paths[P]["get"]["parameters"] : never;
/** A page of a list. */
export type PageOf<P extends ListPath> =
  paths[P] extends ListOperation ? paths[P]["get"]["responses"][200]["content"]["application/json"] : never;
/** A row of a list. */
export type RowOf<P extends ListPath> = PageOf<P>["data"][number];

interface AnyPage { data: unknown[]; page: { next_cursor?: string | null } }
type AnyGet = (path: string, init: object) => Promise<Answer<AnyPage>>;

/** The pages of a list, from the first one or from `params.query.cursor`. */
export async function* pages<P extends ListPath>(
  api: Api, path: P, params?: ListParameters<P>, signal?: AbortSignal,
): AsyncGenerator<PageOf<P>, void> {
  // The types of one list are those of this function; openapi-fetch cannot infer them for any list.
  const get = api.GET as unknown as AnyGet;
  const given = params as { query?: object } | undefined;
  let cursor: string | null | undefined;
  do {
    const query = { ...given?.query, ...(cursor ? { cursor } : {}) };
    const page = await take(get(path, { params: { ...given, query }, signal }));
    yield page as PageOf<P>;
    cursor = page.page.next_cursor;
  } while (cursor);
}

/** The rows of a list, page after page. A page is requested when its first row is needed. */
export async function* rows<P extends ListPath>(
  api: Api, path: P, params?: ListParameters<P>, signal?: AbortSignal,
): AsyncGenerator<RowOf<P>, void> {
  for await (const page of pages(api, path, params, signal)) yield* page.data as RowOf<P>[];
}

export type Change = RowOf<"/v1/changes">;
type ChangeFilters = Omit<NonNullable<ListParameters<"/v1/changes">["query"]>, "cursor" | "include_total">;

/** Where a follower keeps its place in the feed. */
export interface Place {
  load(): string | undefined | Promise<string | undefined>;
  save(cursor: string): void | Promise<void>;
}

export interface Following {
  place: Place;
  filters?: ChangeFilters;
  /** Seconds between two questions at the end of the feed. Without it, the iterator ends there. */
  every?: number;
  signal?: AbortSignal;
}

export interface Batch {
  changes: Change[];
  /** The database was restored to before the place of this follower: objects created since the backup are gone. */
  restoredAt?: string;
}

/**
 * The changes since the last time. The place is saved when the next batch is requested, so a batch whose work failed
 * comes again.
 */
export async function* follow(api: Api, { place, filters, every, signal }: Following): AsyncGenerator<Batch, void> {
  let cursor = await place.load();
  for (;;) {
    const query = { ...filters, ...(cursor ? { cursor } : {}) };
    let more = true;
    try {
      const page = await take(api.GET("/v1/changes", { params: { query }, ...(signal && { signal }) }));
      if (page.data.length > 0) yield { changes: page.data };
      cursor = page.page.next_cursor;
      more = page.page.has_more;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== "feed_restored") throw error;
      yield { changes: [], restoredAt: String(error.problem["restored_at"]) };
      cursor = String(error.problem["next_cursor"]);
    }
    await place.save(cursor);
    if (more) continue;
    if (every === undefined) return;
    await pause(every, signal);
  }
}
