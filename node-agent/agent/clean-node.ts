// Takes everything of ours off a node: files out of containers, the mount, the keeper and its cgroups, what is in the
// root. Containers go on with the host's files. What is done already is no failure: it can be asked for again.

import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { findContainers } from "../attach/find-containers.ts";
import { isFine } from "../attach/outcomes.ts";
import { type ContainerReport, goRound } from "../attach/round.ts";
import { removeIn } from "../linux/mount-namespace.ts";
import { connectUnix } from "../linux/unix-socket.ts";
import type { Agent } from "./agent.ts";
import { type AgentOptions, agentPaths } from "./agent-options.ts";
import { keeperIsGone, removeKeeperCgroups } from "./keeper-cgroups.ts";
import { surroundingsOf } from "./surroundings.ts";

const KEEPER_MILLIS = 5000;
const POLL_MILLIS = 50;

/** Not all of it could be taken away. The session is served on, so that no reader gets an error. */
export class NotCleanError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotCleanError";
  }
}

/** The agent does not serve afterwards. Throws NotCleanError where containers keep files; then it does. */
export async function cleanNode(agent: Agent, options: AgentOptions): Promise<void> {
  const { keeperCgroup } = options;
  await detachFromContainers(options);
  await agent.unmount();
  // Those that started meanwhile. From now on none can: the source of their mounts is gone.
  await detachFromContainers(options);
  await agent.stop(true);
  await keeperEnded(options);
  removeKeeperCgroups(keeperCgroup);
  await removeRoot(options);
}

async function detachFromContainers(options: AgentOptions): Promise<void> {
  const surroundings = surroundingsOf(options);
  try {
    const found = findContainers(surroundings.files, surroundings.containers);
    const reports = await goRound(surroundings, found, { wanted: () => [] });
    const troubles = reports.flatMap(troublesOf);
    if (troubles.length > 0) throw new NotCleanError(troubles.join("; "));
  } finally {
    surroundings.attacher.close();
  }
}

function troublesOf({ container: { id }, outcome, reason, places }: ContainerReport): string[] {
  const bad = places.find((place) => place.outcome !== undefined && !isFine(place.outcome));
  const word = outcome !== undefined && !isFine(outcome) ? outcome : bad?.outcome;
  return word === undefined ? [] : [`container ${id || "(unnamed)"}: ${word} ${reason ?? bad?.reason ?? ""}`.trimEnd()];
}

/** Whoever is left in the cgroups after that keeps the session of another root. */
async function keeperEnded({ root, keeperCgroup }: AgentOptions): Promise<void> {
  for (const end = performance.now() + KEEPER_MILLIS; !keeperIsGone(keeperCgroup); await sleep(POLL_MILLIS)) {
    if (performance.now() < end) continue;
    if (!answers(agentPaths(root).keeperSocket)) return;
    throw new NotCleanError(`The keeper has not ended within ${KEEPER_MILLIS} ms`);
  }
}

function answers(socket: string): boolean {
  try {
    closeSync(connectUnix(socket, "stream", KEEPER_MILLIS));
    return true;
  } catch {
    return false;
  }
}

/** In a pod the root is a mount of its own, which only the host can remove. */
async function removeRoot({ root, hostMountNamespace }: AgentOptions): Promise<void> {
  const { mountPoint, run } = agentPaths(root);
  await removeIn(hostMountNamespace ?? "/proc/self/ns/mnt", [run], [mountPoint, root]);
}
