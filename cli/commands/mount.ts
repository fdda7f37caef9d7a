// procview mount DIR: serves the tree at DIR until it is unmounted or told to end. Lays its files out as lxcfs does.

import { closeSync } from "node:fs";
import { Command } from "commander";
import { mountSource } from "../../node-agent/session/mount-names.ts";
import { warn, write } from "../output.ts";
import { requireFuse, requireMountPoint, requireRoot } from "../preconditions.ts";
import { addServerFlags, type ServerFlags, serverOptions } from "../server-flags.ts";

export const mountCommand: Command = addServerFlags(
  new Command("mount")
    .description("serve the files at a directory, to be bound into containers; runs until unmounted or ended")
    .argument("<dir>", "an empty directory"),
).action(async (directory: string, flags: ServerFlags) => {
  requireRoot();
  requireFuse();
  const mountPoint = requireMountPoint(directory);
  await serveAt(mountPoint, flags);
});

async function serveAt(mountPoint: string, flags: ServerFlags): Promise<void> {
  const { createFuseMount } = await import("../../node-agent/session/fuse-mount.ts");
  const { keepResidentMemorySmall } = await import("../../node-agent/linux/resident-memory.ts");
  const { attachMount } = await import("../../node-agent/linux/syscalls.ts");
  const { cleanUp } = await import("../../node-agent/session/clean-up.ts");
  const { createSessionFiles } = await import("../../node-agent/session/session-files.ts");
  const { Supervisor } = await import("../../node-agent/session/supervisor.ts");
  const { deviceFd, mountFd } = createFuseMount(mountSource(mountPoint));
  const plan = { cgroups: [], sharedCgroups: [], mounts: [mountPoint] };
  const supervisor = new Supervisor(createSessionFiles(deviceFd), { ...serverOptions(flags), orphaned: plan });
  supervisor.on("warning", warn);
  const ended = new Promise<void>((resolve) => {
    supervisor.once("ended", resolve);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  try {
    await supervisor.start();
    attachMount(mountFd, mountPoint);
    closeSync(mountFd);
    write(`serving ${mountPoint}\n`);
    keepResidentMemorySmall();
    await ended;
  } finally {
    await cleanUp(plan);
    await supervisor.stop();
  }
}
