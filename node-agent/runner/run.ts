// Runs a command in a cgroup of its own with a /proc that shows it, and removes all of it again.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type Container, pressureFileOf } from "../container/container.ts";
import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import { HostFiles } from "../host/host-files.ts";
import { cleanUp } from "../session/clean-up.ts";
import { createFuseMount, type FuseMount } from "../session/fuse-mount.ts";
import { RUN_SOURCE } from "../session/mount-names.ts";
import type { ServerOptions } from "../session/server-options.ts";
import { createSessionFiles } from "../session/session-files.ts";
import { Supervisor } from "../session/supervisor.ts";
import type { Bind, BindRequest, LaunchMessage, LaunchRequest } from "./launcher.ts";
import { createRunCgroup, enterRunCgroup, planRunCgroup, type RunCgroup } from "./run-cgroup.ts";
import type { RunLimits } from "./run-limits.ts";
import { SignalForwarder } from "./signals.ts";

export interface RunRequest {
  command: readonly string[];
  limits: RunLimits;
  server: Omit<ServerOptions, "orphaned">;
  warn(text: string): void;
}

/** Returns the command's exit status, 128 + N for one that signal N ended. Throws what kept it from running. */
export async function run(request: RunRequest): Promise<number> {
  const files = new HostFiles(request.server.roots);
  using signals = new SignalForwarder(files);
  const hierarchies = findHierarchies(files);
  const name = `run-${process.pid}-${randomBytes(4).toString("hex")}`;
  const cgroup = planRunCgroup(hierarchies, name);
  const plan = { cgroups: cgroup.directories, sharedCgroups: cgroup.parents, mounts: [] };
  try {
    createRunCgroup(hierarchies, name, request.limits);
    const mount = createFuseMount(RUN_SOURCE);
    const supervisor = new Supervisor(createSessionFiles(mount.deviceFd), { ...request.server, orphaned: plan });
    supervisor.on("warning", request.warn);
    try {
      const served = supervisor.start();
      served.catch(() => undefined);
      const containers = new Containers(files, new ContainerResolver(files, hierarchies));
      return await launch(request, { files, signals, containers, cgroup, mount, served });
    } finally {
      await supervisor.stop();
      closeSync(mount.deviceFd);
    }
  } finally {
    await cleanUp(plan);
  }
}

interface Surroundings {
  files: HostFiles;
  signals: SignalForwarder;
  containers: Containers;
  cgroup: RunCgroup;
  mount: FuseMount;
  /** Resolved once the file system answers. */
  served: Promise<void>;
}

async function launch(request: RunRequest, surroundings: Surroundings): Promise<number> {
  const { files, signals, containers, cgroup, mount, served } = surroundings;
  const workerData: LaunchRequest = { command: request.command, environment: process.env };
  const launcher = new Worker(new URL("./launcher.ts", import.meta.url), { workerData, trackUnmanagedFds: false });
  const messages = inbox(launcher);
  try {
    const { pid } = await messages.next("started");
    const exited = messages.next("exited");
    // Waited for only at the end; should the launcher fail before, that is told by what is waited for then.
    exited.catch(() => undefined);
    signals.attach(pid);
    enterRunCgroup(cgroup, pid);
    const container = containers.ofThread(pid);
    if (typeof container === "string") throw new Error(`Process ${pid} is in no container: ${container}`);
    await served;
    launcher.postMessage({
      mountFd: mount.mountFd,
      ...bindsOf(request.server.files, container, files),
    } satisfies BindRequest);
    await messages.next("bound");
    closeSync(mount.mountFd);
    const { code, signal } = await exited;
    return signals.statusOf(code, signal);
  } finally {
    await launcher.terminate();
  }
}

/**
 * Which files are bound from where: pressure is the cgroup's own file where it has one (v2), so that triggers and poll(2)
 * are the kernel's; all else comes from the file system, below the container's key.
 */
function bindsOf(
  paths: readonly string[],
  container: Container,
  files: HostFiles,
): Pick<BindRequest, "binds" | "cgroupBinds"> {
  const binds: Bind[] = [];
  const cgroupBinds: Bind[] = [];
  for (const path of paths.filter((candidate) => files.has(candidate))) {
    const own = pressureFileOf(container, path);
    if (own !== undefined && files.has(own)) cgroupBinds.push({ source: own, target: `/${path}` });
    else binds.push({ source: `containers/${container.key}/${path}`, target: `/${path}` });
  }
  return { binds, cgroupBinds };
}

interface Inbox {
  next<Type extends LaunchMessage["type"]>(type: Type): Promise<Extract<LaunchMessage, { type: Type }>>;
}

/** One promise per message type; all fail when the launcher does. */
function inbox(launcher: Worker): Inbox {
  const received = new Map<string, PromiseWithResolvers<LaunchMessage>>();
  const entry = (type: string): PromiseWithResolvers<LaunchMessage> => {
    const known = received.get(type) ?? Promise.withResolvers<LaunchMessage>();
    received.set(type, known);
    return known;
  };
  const failed = once(launcher, "error").then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  launcher.on("message", (message: LaunchMessage) => entry(message.type).resolve(message));
  return { next: (type) => Promise.race([entry(type).promise, failed]) as never };
}
