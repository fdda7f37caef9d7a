// List, then watch: what there is of a resource, and every change of it, for as long as the agent runs. Whatever ends a
// watch, the next one goes on where it ended, or lists anew where the server has forgotten that place.

import { setTimeout as sleep } from "node:timers/promises";
import type { ApiCall, ApiClient } from "./api-client.ts";
import { ApiError } from "./api-client.ts";

/** Objects of one answer: an agent has little memory, and a node has hundreds of pods at most. */
const PAGE_OBJECTS = 50;
/** How long the server lets a watch run; a random part of as much again is added, so that agents do not come at once. */
const WATCH_SECONDS = 300;
const FIRST_DELAY_MILLIS = 200;
const MAX_DELAY_MILLIS = 30_000;
const GONE = 410;

/** Why a watch was begun anew: labels of a metric. */
export const RESTART_REASONS = ["ended", "expired", "refused", "failed"] as const;

export type RestartReason = (typeof RESTART_REASONS)[number];

export interface Watched<Slice> {
  /** The server tells of changes from now on. */
  following(): void;
  /** Everything there is; what is not named is gone. */
  listed(slices: readonly Slice[]): void;
  changed(slice: Slice): void;
  removed(slice: Slice): void;
  /** The watch is begun anew; "ended" is the ordinary end. */
  restarted(reason: RestartReason, error: unknown): void;
}

export interface WatchOptions<Slice> {
  /** Path of the collection, such as "/api/v1/pods". */
  path: string;
  query?: Readonly<Record<string, string>>;
  accept?: { list: string; watch: string };
  /** What is kept of an object. */
  slice(object: unknown): Slice;
  watched: Watched<Slice>;
}

interface List {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: readonly unknown[] | null;
}

interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: { metadata?: { resourceVersion?: string }; code?: number; message?: string };
}

/** Runs until the signal. */
export async function watch<Slice>(
  client: ApiClient,
  options: WatchOptions<Slice>,
  signal: AbortSignal,
): Promise<void> {
  /** Where to go on; undefined where that is not known. */
  let version: string | undefined;
  let delayMillis = 0;
  while (!signal.aborted) {
    try {
      version ??= await list(client, options);
      const from = version;
      await follow(client, options, from, signal, (next) => {
        version = next;
        delayMillis = 0;
      });
      delayMillis = version === from ? nextDelay(delayMillis) : 0;
      options.watched.restarted("ended", undefined);
    } catch (error) {
      if (signal.aborted) return;
      const reason = reasonOf(error);
      if (reason === "expired") version = undefined;
      else delayMillis = nextDelay(delayMillis);
      options.watched.restarted(reason, error);
    }
    await sleep(delayMillis * (0.5 + Math.random() / 2), undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Doubles, up to a limit. */
export function nextDelay(delayMillis: number): number {
  return Math.min(MAX_DELAY_MILLIS, Math.max(FIRST_DELAY_MILLIS, delayMillis * 2));
}

function reasonOf(error: unknown): RestartReason {
  if (!(error instanceof ApiError)) return "failed";
  if (error.status === GONE) return "expired";
  return error.status < 500 ? "refused" : "failed";
}

async function list<Slice>(client: ApiClient, options: WatchOptions<Slice>): Promise<string> {
  const slices: Slice[] = [];
  let next: string | undefined;
  for (;;) {
    const query = { limit: `${PAGE_OBJECTS}`, ...(next !== undefined && { continue: next }) };
    const page = (await client.call(callFor(options, query, "list"))) as List;
    for (const item of page.items ?? []) slices.push(options.slice(item));
    next = page.metadata?.continue || undefined;
    if (next !== undefined) continue;
    options.watched.listed(slices);
    return page.metadata?.resourceVersion ?? "0";
  }
}

async function follow<Slice>(
  client: ApiClient,
  options: WatchOptions<Slice>,
  version: string,
  signal: AbortSignal,
  reached: (version: string) => void,
): Promise<void> {
  const seconds = Math.round(WATCH_SECONDS * (1 + Math.random()));
  const query = {
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: version,
    timeoutSeconds: `${seconds}`,
  };
  const { watched, slice } = options;
  const take = (line: unknown): void => {
    const { type, object } = line as WatchEvent;
    if (type === "ERROR") throw new ApiError(object.code ?? 0, object.message ?? "the watch failed");
    if (type === "DELETED") watched.removed(slice(object));
    else if (type !== "BOOKMARK") watched.changed(slice(object));
    if (object.metadata?.resourceVersion !== undefined) reached(object.metadata.resourceVersion);
  };
  await client.lines(callFor(options, query, "watch"), { begun: () => watched.following(), take }, signal);
}

function callFor<Slice>(
  { path, query, accept }: WatchOptions<Slice>,
  more: Readonly<Record<string, string>>,
  kind: "list" | "watch",
): ApiCall {
  const asked = new URLSearchParams({ ...query, ...more });
  return { path: `${path}?${asked}`, ...(accept && { accept: accept[kind] }) };
}
