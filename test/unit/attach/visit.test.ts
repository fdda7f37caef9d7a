// A visit with system calls that fail, each with every error: the right word for it, nothing open, the thread at home.

import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import type { AttachCalls } from "../../../node-agent/attach/calls.ts";
import { LostError } from "../../../node-agent/attach/enter.ts";
import type { VisitAnswer, VisitRequest } from "../../../node-agent/attach/messages.ts";
import { isFine } from "../../../node-agent/attach/outcomes.ts";
import { visit } from "../../../node-agent/attach/visit.ts";
import { KEY, MOUNT_ROOT, mountinfo, SERVED_DEVICE, SOURCE } from "./mountinfos.ts";

const HOME = { namespaceFd: 1000, rootFd: 1001 };
const NAMESPACE = 4026532001;
const START = 4711;
const FILES = ["proc/meminfo", "proc/uptime", "proc/pressure/cpu"];

const request: VisitRequest = {
  subject: { pid: 42, startTicks: START, namespace: NAMESPACE },
  wishes: { files: FILES, base: "", key: KEY },
  served: { device: SERVED_DEVICE, source: SOURCE },
  mountRoot: MOUNT_ROOT,
  procfs: "/proc",
  pressureFiles: { "proc/pressure/cpu": "/sys/fs/cgroup/a/cpu.pressure" },
  sharedWithHost: [],
};

type Texts = Record<string, string>;

/** What was called, in order, with descriptors that are real ones. */
class FakeCalls implements AttachCalls {
  readonly log: string[] = [];
  readonly texts: Texts;
  at = HOME.namespaceFd;
  readonly #fails: (call: string, argument: string | number) => NodeJS.ErrnoException | undefined;

  constructor(texts: Texts, fails: (call: string, argument: string | number) => NodeJS.ErrnoException | undefined) {
    this.texts = texts;
    this.#fails = fails;
  }

  #call(name: string, argument: string | number = ""): void {
    this.log.push(`${name} ${argument}`.trim());
    const error = this.#fails(name, argument);
    if (error !== undefined) throw error;
  }

  #descriptor(name: string, argument: string): number {
    this.#call(name, argument);
    return openSync("/dev/null", "r");
  }

  readText(path: string): string {
    this.#call("open", path);
    return this.texts[path] ?? assert.fail(path);
  }

  openNamespace = (path: string): number => this.#descriptor("open", path);
  openDirectory = (path: string): number => this.#descriptor("open", path);
  cloneMount = (_fd: number | undefined, path: string): number => this.#descriptor("open_tree", path);
  namespaceNumber = (): number => NAMESPACE;

  close(fd: number): void {
    closeSync(fd);
    this.#call("close");
  }

  setns(fd: number): void {
    this.#call("setns", fd === HOME.namespaceFd ? "home" : "away");
    this.at = fd;
  }

  changeRoot = (fd: number): void => this.#call("chroot", fd === HOME.rootFd ? "home" : "away");
  restrict = (_fd: number, writable: boolean): void => this.#call("mount_setattr", writable ? "rw" : "ro");
  attachMount = (_fd: number, target: string): void => this.#call("move_mount", target);
  unmount = (target: string): void => this.#call("umount2", target);
}

const stat = (start: number) => `42 (a) S 1 ${"0 ".repeat(17)}${start} 0\n`;
const texts = (name: Parameters<typeof mountinfo>[0], start = START): Texts => ({
  "/proc/42/mountinfo": mountinfo(name),
  "/proc/42/stat": stat(start),
});
const failing = (call: string, code: string) => (name: string) =>
  name === call ? Object.assign(new Error(`${call}: ${code}`), { syscall: call, code }) : undefined;
const nothing = () => undefined;
const readError = () => Object.assign(new Error("read: EINVAL"), { syscall: "read", code: "EINVAL" });

/** Fails where a descriptor is open that was not before. */
function visitWith(calls: FakeCalls, given: Partial<VisitRequest> = {}): VisitAnswer {
  const before = readdirSync("/proc/self/fd").length;
  try {
    return visit(calls, HOME, { ...request, ...given });
  } finally {
    assert.equal(readdirSync("/proc/self/fd").length, before, "a descriptor is left open");
  }
}

const outcomes = ({ outcome, places }: VisitAnswer) => [
  ...new Set([outcome, ...places.map((place) => place.outcome)].filter((one) => one !== undefined)),
];

describe("visit()", () => {
  test("clones at home, removes and attaches inside, and comes home", () => {
    const calls = new FakeCalls(texts("runc-stale"), nothing);
    const answer = visitWith(calls, { wishes: { ...request.wishes, files: ["proc/meminfo"] } });
    assert.equal(answer.places.find(({ path }) => path === "proc/meminfo")?.outcome, "reattached");
    const done = calls.log.filter((line) => !line.startsWith("open ") && line !== "close");
    assert.deepEqual(done.slice(0, 4), ["open_tree proc/meminfo", "mount_setattr ro", "setns away", "chroot away"]);
    assert.deepEqual(done.slice(-2), ["setns home", "chroot home"]);
    // Looked up once for all files.
    assert.equal(calls.log.filter((line) => line === `open ${MOUNT_ROOT}/containers/${KEY}`).length, 1);
    const meminfo = done.filter((line) => line.endsWith(" /proc/meminfo"));
    assert.deepEqual(meminfo, ["umount2 /proc/meminfo", "move_mount /proc/meminfo"]);
  });

  test("pressure comes from the cgroup, and can be written", () => {
    const calls = new FakeCalls(texts("runc-untouched"), nothing);
    assert.deepEqual(outcomes(visitWith(calls)), ["attached"]);
    assert.ok(calls.log.includes("open_tree /sys/fs/cgroup/a/cpu.pressure"));
    assert.equal(calls.log.filter((line) => line === "mount_setattr rw").length, 1);
  });

  test("a process of the same number that is another one is not entered", () => {
    const calls = new FakeCalls(texts("runc-stale", START + 1), nothing);
    assert.equal(visitWith(calls).outcome, "pid-reused");
    assert.ok(!calls.log.some((line) => line.startsWith("setns")));
  });

  test("a process that has gone to another namespace is not followed", () => {
    const calls = new FakeCalls(texts("runc-stale"), nothing);
    const answer = visitWith(calls, { subject: { ...request.subject, namespace: 1 } });
    assert.equal(answer.outcome, "moved-namespace");
  });

  test("a dead mount that may not be taken away is covered", () => {
    const calls = new FakeCalls(texts("runc-stale"), failing("umount2", "EINVAL"));
    const answer = visitWith(calls);
    assert.equal(answer.places.find(({ path }) => path === "proc/meminfo")?.outcome, "reattached");
    // Without anything to cover it with it stays, and that is said.
    const detach = visitWith(calls, { wishes: { ...request.wishes, files: [] } });
    assert.deepEqual(outcomes(detach), ["locked"]);
  });
});

const ERRORS = ["EPERM", "EACCES", "ENOENT", "ENOTDIR", "EINVAL", "EBUSY", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC"];
const MORE = ["ENOTCONN", "ECONNABORTED", "ESTALE", "ESRCH", "ENOSYS", "ELOOP", "EIO", "EINTR", "ENODEV"];

/** What is said of an error where it is not the same for every call. */
const SPECIAL: Readonly<Record<string, string>> = {
  "open ENOENT": "vanished",
  "open EINVAL": "vanished",
  "open ESRCH": "vanished",
  "setns EINVAL": "vanished",
  "open_tree ENOENT": "no-source",
  "open_tree ESTALE": "no-source",
  "open_tree ENOTCONN": "server-gone",
  "umount2 ENOENT": "no-target",
  "umount2 ENOTDIR": "no-target",
  "move_mount ENOENT": "no-target",
  "move_mount ENOTDIR": "no-target",
  "move_mount ENOSPC": "too-many-mounts",
};
const COMMON: Readonly<Record<string, string>> = {
  EPERM: "not-permitted",
  EACCES: "not-permitted",
  EMFILE: "no-resources",
  ENFILE: "no-resources",
  ENOMEM: "no-resources",
  ENOSPC: "too-many-mounts",
  ENOTCONN: "server-gone",
  ECONNABORTED: "server-gone",
  ESRCH: "vanished",
  ENOSYS: "old-kernel",
};

describe("every system call that fails", () => {
  for (const call of ["open", "open_tree", "mount_setattr", "umount2", "move_mount"]) {
    // EINVAL of umount2 is no failure: see above.
    for (const code of [...ERRORS, ...MORE].filter((name) => `${call} ${name}` !== "umount2 EINVAL")) {
      test(`${call} ${code}`, () => {
        const calls = new FakeCalls(texts("runc-stale"), failing(call, code));
        const answer = visitWith(calls);
        const expected = SPECIAL[`${call} ${code}`] ?? COMMON[code] ?? "failed";
        const found = outcomes(answer).filter((one) => one !== "kept" && one !== "detached" && one !== "attached");
        assert.deepEqual(found, [expected]);
        assert.equal(calls.at, HOME.namespaceFd);
        const reasons = [answer.reason, ...answer.places.map(({ reason }) => reason)].filter(Boolean);
        assert.ok(reasons.every((reason) => reason === `${call}: ${code}`) && reasons.length > 0);
      });
    }
  }

  for (const call of ["setns", "chroot"]) {
    for (const code of [...ERRORS, ...MORE]) {
      test(`${call} ${code}, on the way in and on the way home`, () => {
        const away = new FakeCalls(texts("runc-stale"), (name, argument) =>
          argument === "away" ? failing(call, code)(name) : undefined,
        );
        assert.equal(visitWith(away).outcome, SPECIAL[`${call} ${code}`] ?? COMMON[code] ?? "failed");
        assert.equal(away.at, HOME.namespaceFd);
        const home = new FakeCalls(texts("runc-stale"), (name, argument) =>
          argument === "home" ? failing(call, code)(name) : undefined,
        );
        assert.throws(() => visitWith(home), LostError);
      });
    }
  }

  test("close(2): the descriptor is free whatever it says", () => {
    const calls = new FakeCalls(texts("runc-untouched"), failing("close", "EIO"));
    assert.deepEqual(outcomes(visitWith(calls)), ["attached"]);
  });

  test("a process that ends while its mountinfo is read has vanished", () => {
    const calls = new FakeCalls(texts("runc-stale"), (name) => (name === "open" ? readError() : undefined));
    assert.equal(visitWith(calls).outcome, "vanished");
  });

  test("a container that vanishes midway asks for nobody's attention", () => {
    const calls = new FakeCalls(texts("runc-stale"), failing("open", "ESRCH"));
    assert.ok(outcomes(visitWith(calls)).every(isFine));
  });
});
