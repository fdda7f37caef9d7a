// The only door to files of the host: /proc, /sys and the cgroup mounts below it. Reads whole files, never trusts st_size.

import { readdirSync, readlinkSync, statSync } from "node:fs";
import { KeptFiles } from "./kept-files.ts";

/** A directory's own name and its ".". */
const LINKS_OF_A_LEAF = 2;

const OF_A_PROCESS = /^proc\/(?:\d|self|thread-self)/;
/** The only file of a process read here that the kernel hands out page by page. */
const OF_MANY_RECORDS = "/mountinfo";
/** Read at every rendering: of one record, as those of processes are. */
const UPTIME = "proc/uptime";

/** The file, process or cgroup is not there, or went while it was read. */
const ABSENT = new Set(["ENOENT", "ESRCH", "ENODEV", "ENOTDIR"]);
/** The file is there and the kernel will not tell: a controller that is off, a cgroup of another type, no permission. */
const REFUSED = new Set(["EOPNOTSUPP", "EINVAL", "EACCES", "EPERM", "EIO"]);

export class HostFileError extends Error {
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`Cannot read ${path}: ${reason}`, options);
    this.name = "HostFileError";
  }
}

export interface HostRoots {
  /** Where the host's procfs and sysfs are; fixtures put them elsewhere. */
  procfs: string;
  sysfs: string;
}

export const HOST_ROOTS: HostRoots = { procfs: "/proc", sysfs: "/sys" };

export class HostFiles {
  readonly roots: HostRoots;
  /** How often what was asked for was not there, or not any more. */
  absences = 0;
  readonly #kept = new KeptFiles((path) => this.resolve(path));

  constructor(roots: HostRoots = HOST_ROOTS) {
    this.roots = roots;
  }

  /** The bytes of /proc/NAME or /sys/NAME given as "proc/NAME" or "sys/NAME". Throws HostFileError. */
  bytes(path: string): Buffer {
    try {
      return Buffer.from(this.#readWhole(path));
    } catch (error) {
      throw new HostFileError(this.resolve(path), codeOf(error), { cause: error });
    }
  }

  /** As `bytes`, as text. */
  text(path: string): string {
    try {
      return this.#readWhole(path).toString("latin1");
    } catch (error) {
      throw new HostFileError(this.resolve(path), codeOf(error), { cause: error });
    }
  }

  /** As `text`; undefined where the file is not there or the kernel will not tell. Throws for any other failure. */
  textIfAny(path: string): string | undefined {
    try {
      return this.#readWhole(path).toString("latin1");
    } catch (error) {
      const code = codeOf(error);
      if (this.#isAbsent(code) || REFUSED.has(code)) return undefined;
      throw new HostFileError(this.resolve(path), code, { cause: error });
    }
  }

  /** Names in a directory; none where it is not there. */
  names(path: string): string[] {
    try {
      return readdirSync(this.resolve(path));
    } catch (error) {
      if (this.#isAbsent(codeOf(error))) return [];
      throw new HostFileError(this.resolve(path), codeOf(error), { cause: error });
    }
  }

  /** Names of the directories in a directory; none where it is not there. */
  directories(path: string): string[] {
    try {
      // Each directory in it has a link "..", on file systems that count them: most cgroups have none below them.
      if (statSync(this.resolve(path)).nlink === LINKS_OF_A_LEAF) return [];
      const entries = readdirSync(this.resolve(path), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    } catch (error) {
      if (this.#isAbsent(codeOf(error))) return [];
      throw new HostFileError(this.resolve(path), codeOf(error), { cause: error });
    }
  }

  /** Where a symbolic link points to; undefined where it is not there or may not be read. */
  link(path: string): string | undefined {
    try {
      return readlinkSync(this.resolve(path));
    } catch (error) {
      const code = codeOf(error);
      if (this.#isAbsent(code) || REFUSED.has(code)) return undefined;
      throw new HostFileError(this.resolve(path), code, { cause: error });
    }
  }

  /** The inode number of a file or directory; undefined where it is not there. */
  inode(path: string): number | undefined {
    const inode = statSync(this.resolve(path), { throwIfNoEntry: false })?.ino;
    if (inode === undefined) this.absences += 1;
    return inode;
  }

  has(path: string): boolean {
    return this.inode(path) !== undefined;
  }

  /** "proc/stat" as the path to open; absolute paths, as mountinfo has them, are taken below /sys likewise. */
  resolve(path: string): string {
    const relative = path.startsWith("/") ? path.slice(1) : path;
    if (isIn("proc", relative)) return this.roots.procfs + relative.slice("proc".length);
    if (isIn("sys", relative)) return this.roots.sysfs + relative.slice("sys".length);
    return path;
  }

  #isAbsent(code: string): boolean {
    const absent = ABSENT.has(code);
    if (absent) this.absences += 1;
    return absent;
  }

  /** Files of processes come and go; an open one would hold on to a process that ended. */
  #readWhole(path: string): Buffer {
    const ofProcfs = path.startsWith("proc/");
    if (ofProcfs && OF_A_PROCESS.test(path)) {
      return this.#kept.readOnce(path, !path.endsWith(OF_MANY_RECORDS));
    }
    return this.#kept.read(path, !ofProcfs || path === UPTIME);
  }
}

function isIn(room: string, path: string): boolean {
  return path.startsWith(room) && (path.length === room.length || path[room.length] === "/");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
