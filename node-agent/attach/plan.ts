// What is to be done in one container: mountinfo and the files it should have -> a state and an action for each place.
// Pure.

import type { Mount } from "../procfs/mountinfo.ts";
import { HOST_KEY } from "../vfs/node-id.ts";
import {
  ALL_PATHS,
  isAttachable,
  isOurs,
  isPressureBind,
  ownerOf,
  type Placement,
  type Served,
  treePath,
} from "./placement.ts";
import { type Action, NEEDS_SERVER, type State, UNWANTED, WANTED } from "./states.ts";
import { mountsAlong } from "./visible-mounts.ts";

export interface PlaceToPlan extends Placement {
  state: State;
  action: Action;
  /** Mounts of ours stacked there that go first. */
  layers: number;
}

export interface Wishes {
  /** Paths of the tree that the container should have, and no others; undefined: those it has. */
  files: readonly string[] | undefined;
  /** Where its root is in the namespace: "" but for one whose runtime has not moved there yet. */
  base: string;
  key: number;
}

export interface Surroundings {
  served: Served;
  /** Peer groups of the host's mounts. */
  sharedWithHost: ReadonlySet<number>;
}

/** Every place where a file of ours is or should be. */
export function plan(mounts: readonly Mount[], wishes: Wishes, surroundings: Surroundings): PlaceToPlan[] {
  return placesOf(mounts, wishes, surroundings.served)
    .map((place) => {
      const chain = mountsAlong(mounts, place.target);
      const state = stateOf(chain, place, wishes, surroundings);
      const action = actionFor(state, isWanted(place, wishes.files), surroundings.served);
      const layers = layersOf(chain, place, action, { wishes, surroundings });
      return { ...place, state, action, layers };
    })
    .filter(({ path, state }) => isAttachable(path) || state !== "own");
}

function actionFor(state: State, wanted: boolean, { device }: Served): Action {
  const action = (wanted ? WANTED : UNWANTED)[state];
  return device === undefined && NEEDS_SERVER.has(action) ? "leave" : action;
}

/** Those that are there, wherever that is, and those that are wanted, in their place. */
function placesOf(mounts: readonly Mount[], { files, base }: Wishes, served: Served): Placement[] {
  const below = mounts.filter(({ mountPoint }) => mountPoint.startsWith(`${base}/`));
  const ours = below
    .filter((mount) => isOurs(mount, served))
    .map((mount) => ({ path: treePath(mount), target: mount.mountPoint }));
  // Others bind pressure files too, `procview run` among them: ours are where our other files are.
  const anyone = files !== undefined || ours.some(({ path }) => isAttachable(path));
  const pressure = anyone ? below.filter((mount) => isPressureBind(mount, base)) : [];
  const places = [
    ...ours,
    ...pressure.map(({ mountPoint: target }) => ({ path: target.slice(base.length + 1), target })),
    ...(files ?? []).map((path) => ({ path, target: `${base}/${path}` })),
  ];
  return [...new Map(places.map((place) => [place.target, place])).values()];
}

/** What no list can name, such as a volume that holds the whole tree, is wanted as long as anything is. */
function isWanted({ path }: Placement, files: readonly string[] | undefined): boolean {
  if (files === undefined || files.includes(path)) return true;
  return files.length > 0 && !ALL_PATHS.includes(path);
}

function stateOf(chain: readonly Mount[], place: Placement, wishes: Wishes, surroundings: Surroundings): State {
  const top = chain.at(-1);
  const below = chain.findLast(({ mountPoint }) => mountPoint !== place.target);
  if (below?.peerGroup !== undefined && surroundings.sharedWithHost.has(below.peerGroup)) return "shared";
  if (top === undefined || top === below) return isKernels(below, place) ? "absent" : "unreachable";
  if (isPressureBind(top, wishes.base)) return "own";
  if (!isOurs(top, surroundings.served)) return "covered";
  if (top.device !== surroundings.served.device) return "stale";
  const owner = ownerOf(top);
  if (owner === undefined || owner === wishes.key) return "own";
  return owner === HOST_KEY ? "host" : "other";
}

const KERNELS: Readonly<Record<string, string>> = { proc: "proc", sys: "sysfs" };

function isKernels(below: Mount | undefined, { path }: Placement): boolean {
  return below?.fsType === KERNELS[path.split("/", 1)[0] ?? ""];
}

/** From the top down, what may not stay: of an old session or the wrong inode, or anything of ours where none is wanted. */
function layersOf(
  chain: readonly Mount[],
  { target }: Placement,
  action: Action,
  { wishes, surroundings: { served } }: { wishes: Wishes; surroundings: Surroundings },
): number {
  if (action !== "reattach" && action !== "replace" && action !== "detach") return 0;
  const goes = (mount: Mount): boolean => {
    if (mount.mountPoint !== target) return false;
    if (action === "detach") return isOurs(mount, served) || isPressureBind(mount, wishes.base);
    if (!isOurs(mount, served)) return false;
    return mount.device !== served.device || (ownerOf(mount) ?? wishes.key) !== wishes.key;
  };
  const first = chain.findLastIndex((mount) => !goes(mount));
  return chain.length - 1 - first;
}
