// The taint that keeps pods off a node until its agent serves: taken away once it does. Other taints are left alone.

import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, ApiError, JSON_PATCH_TYPE } from "./api-client.ts";
import { nextDelay } from "./watch.ts";

interface Taint {
  key?: string;
  value?: string;
  effect?: string;
}

type Operation = { op: "test" | "remove"; path: string; value?: unknown };

/** What takes every taint of that key away, whatever its effect; fails where another has changed the list meanwhile. */
export function taintPatch(taints: readonly Taint[], key: string): Operation[] {
  return taints
    .flatMap((taint, index) => (taint.key === key ? [{ taint, path: `/spec/taints/${index}` }] : []))
    .reverse()
    .flatMap(({ taint, path }) => [
      { op: "test" as const, path, value: taint },
      { op: "remove" as const, path },
    ]);
}

/** Answers of the server by which somebody else was faster. */
const CHANGED_MEANWHILE = new Set([409, 422]);

/** Tries until it is gone, or until the signal. `failed` is told of every try that fails. */
export async function removeStartupTaint(
  client: ApiClient,
  { node, key }: { node: string; key: string },
  failed: (error: unknown) => void,
  signal: AbortSignal,
): Promise<"removed" | "absent" | "given up"> {
  const path = `/api/v1/nodes/${node}`;
  for (let delayMillis = 0; !signal.aborted; ) {
    try {
      const { spec } = (await client.call({ path })) as { spec?: { taints?: readonly Taint[] } };
      const body = taintPatch(spec?.taints ?? [], key);
      if (body.length === 0) return "absent";
      await client.call({ method: "PATCH", path, body, bodyType: JSON_PATCH_TYPE });
      return "removed";
    } catch (error) {
      if (!(error instanceof ApiError && CHANGED_MEANWHILE.has(error.status))) failed(error);
      delayMillis = nextDelay(delayMillis);
    }
    await sleep(delayMillis, undefined, { signal, ref: false }).catch(() => undefined);
  }
  return "given up";
}
