// What must hold before anything is made: each check ends with one line that says what to do.

import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { FUSE_DEVICE } from "../node-agent/fuse/device.ts";
import { parseMountinfo } from "../node-agent/procfs/mountinfo.ts";
import { CliError } from "./exit-codes.ts";

const ANSWER_MILLIS = 2000;

export function requireRoot(): void {
  if (process.geteuid?.() !== 0)
    throw new CliError("notRoot", "procview mounts a file system and needs root; try sudo");
}

export function requireFuse(): void {
  try {
    accessSync(FUSE_DEVICE, constants.R_OK | constants.W_OK);
  } catch {
    throw new CliError(
      "noFuse",
      `${FUSE_DEVICE} is missing; load the module with "modprobe fuse", or pass the device into this container`,
    );
  }
}

/** The absolute path of a directory that nothing is mounted on. A dead mount is told by its type, never by touching it. */
export function requireMountPoint(directory: string): string {
  const mountPoint = resolve(directory);
  const mount = parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8")).findLast(
    (candidate) => candidate.mountPoint === mountPoint,
  );
  if (mount !== undefined) {
    const cause = isDead(mountPoint, mount.fsType) ? "deadMount" : "alreadyMounted";
    const remedy = `umount ${cause === "deadMount" ? "-l " : ""}${mountPoint}`;
    const what =
      cause === "deadMount" ? "a dead mount, its server is gone or hangs" : `a mount of ${mount.fsType} already`;
    throw new CliError(cause, `${mountPoint} is ${what}; free it with "${remedy}" or name another directory`);
  }
  if (!statSync(mountPoint, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CliError("notADirectory", `${mountPoint} is no directory; make it with "mkdir -p ${mountPoint}"`);
  }
  return mountPoint;
}

/** Asked through a child with a time limit: a mount whose server hangs would hang whoever touches it. */
function isDead(mountPoint: string, fsType: string): boolean {
  if (!fsType.startsWith("fuse")) return false;
  return (
    spawnSync("stat", [mountPoint], { timeout: ANSWER_MILLIS, killSignal: "SIGKILL", stdio: "ignore" }).status !== 0
  );
}

/** The command can be executed: as a path, or found in PATH as execvp(3) does. */
export function requireCommand(command: string, path: string): void {
  const candidates = command.includes("/") ? [command] : path.split(delimiter).map((folder) => join(folder, command));
  const files = candidates.filter((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (files.length === 0) {
    const where = command.includes("/") ? "there is no such file" : "it is in no directory of PATH";
    throw new CliError("notFound", `Cannot run "${command}": ${where}`);
  }
  if (!files.some(isExecutable))
    throw new CliError("notExecutable", `Cannot run "${files[0]}": it is not executable; try chmod +x`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
