// One visit to a container: look, plan, clone outside, enter, remove what is dead, mount, leave. Runs in a process whose
// thread has a root and working directory of its own. Whatever fails, no descriptor stays open and the thread is home.

import { parseMountinfo } from "../procfs/mountinfo.ts";
import type { AttachCalls } from "./calls.ts";
import { Descriptors } from "./descriptors.ts";
import { type Home, inside, LostError, openContainer, VisitError } from "./enter.ts";
import type { PlaceResult, VisitAnswer, VisitRequest } from "./messages.ts";
import { DONE, type Outcome, reasonOf, reasonToLeave } from "./outcomes.ts";
import { type PlaceToPlan, plan } from "./plan.ts";
import { Sources } from "./sources.ts";

interface Place extends PlaceToPlan {
  cloneFd?: number;
  outcome?: Outcome;
  reason?: string;
}

/** Never throws but LostError: what goes wrong is the answer. */
export function visit(calls: AttachCalls, home: Home, request: VisitRequest): VisitAnswer {
  using descriptors = new Descriptors(calls);
  try {
    const away = openContainer(calls, descriptors, request);
    const places: Place[] = look(request, away.mountinfo);
    const sources = new Sources(calls, descriptors, request);
    for (const place of places) attempt(place, () => prepare(sources, place));
    const left = places.filter(({ outcome }) => outcome === undefined);
    const work = (): void => {
      for (const place of left) attempt(place, () => carryOut(calls, place));
    };
    if (left.length > 0) inside(calls, home, away, work);
    return { places: places.map(resultOf) };
  } catch (error) {
    if (error instanceof LostError) throw error;
    return { places: [], ...failureOf(error) };
  }
}

function look({ served, wishes, sharedWithHost }: VisitRequest, mountinfo: string): Place[] {
  return plan(parseMountinfo(mountinfo), wishes, { served, sharedWithHost: new Set(sharedWithHost) });
}

/** Clones the mount while the thread is at home; settles what needs no visit. */
function prepare(sources: Sources, place: Place): void {
  const { action, state, path } = place;
  if (action === "leave") place.outcome = reasonToLeave(state);
  if (action === "keep") place.outcome = DONE.keep;
  if (action === "attach" || action === "reattach" || action === "replace") place.cloneFd = sources.clone(path);
}

function carryOut(calls: AttachCalls, place: Place): void {
  const { action, cloneFd, layers, target } = place;
  for (let layer = 0; layer < layers; layer += 1) {
    try {
      calls.unmount(target);
    } catch (error) {
      // It may not be taken away, or has gone: what is mounted over it is seen all the same.
      if (reasonOf(error) !== "locked" || cloneFd === undefined) throw error;
      break;
    }
  }
  if (cloneFd !== undefined) calls.attachMount(cloneFd, target);
  if (action !== "leave") place.outcome = DONE[action];
}

function attempt(place: Place, work: () => void): void {
  try {
    work();
  } catch (error) {
    Object.assign(place, failureOf(error));
  }
}

function failureOf(error: unknown): { outcome: Outcome; reason: string } {
  const outcome = error instanceof VisitError ? error.outcome : reasonOf(error);
  return { outcome, reason: error instanceof Error ? error.message : String(error) };
}

function resultOf({ path, target, state, outcome, reason }: Place): PlaceResult {
  return { path, target, state, ...(outcome && { outcome }), ...(reason && { reason }) };
}
