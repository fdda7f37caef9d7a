// Which files the container of a pod should have, as pods, namespaces and annotations say.

import { isLookedAfter } from "../../injection/decide-live.ts";
import type { Wanted } from "../attach/round.ts";
import { isOfPod, podUidOf } from "../container/pod-uid.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { PodContainer, Pods } from "./pods.ts";

/** Containers of no pod are as `others` says. */
export function wantedByPods(pods: Pods, files: HostFiles, others: Wanted): Wanted {
  const attachedTo = new RecentKeys();
  return (container, present) => {
    if (!isOfPod(container)) return others(container, present);
    const found = pods.find(container.id, podUidOf(container));
    const wanted = found && filesFor(found, present, attachedTo.has(container.key));
    if (found?.decision !== undefined && isLookedAfter(found.decision)) attachedTo.add(container.key);
    return wanted && [...new Set(wanted)].filter((path) => files.has(path));
  };
}

/** Undefined: those that it has, kept alive. `attachedTo`: the agent has put files into it before. */
export function filesFor(
  { name, decision }: PodContainer,
  present: readonly string[],
  attachedTo: boolean,
): readonly string[] | undefined {
  // Nobody knows yet: what is stale is mended all the same.
  if (decision === undefined) return undefined;
  if (name === undefined) return present.length === 0 ? undefined : [...present, ...decision.onlyAttach];
  const wanted = decision.files.get(name) ?? [];
  if (isLookedAfter(decision)) return wanted;
  return present.length === 0 && !attachedTo ? undefined : present.filter((path) => wanted.includes(path));
}

/**
 * Containers that the agent has attached to. What is left to take away may be no mount that is known to be ours:
 * pressure files of cgroup v2 are the cgroup's own.
 */
class RecentKeys {
  readonly #keys = new Set<number>();

  add(key: number): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size > MAX_REMEMBERED && oldest !== undefined) this.#keys.delete(oldest);
  }

  has(key: number): boolean {
    return this.#keys.has(key);
  }
}

const MAX_REMEMBERED = 4096;
