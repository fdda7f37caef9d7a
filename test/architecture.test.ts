// Who may import whom. THE table; the reasons are in ARCHITECTURE.md.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";

const ROOT = new URL("..", import.meta.url).pathname;

interface Room {
  /** Rooms of ours that files of this room may import; the room itself and contract are always allowed. */
  imports: readonly string[];
  /** Rooms of which only types may be imported. */
  types?: readonly string[];
  /** Modules from outside: Node's own (without "node:") and packages. */
  outside: readonly string[];
}

/** The longest matching path wins: a file named here is a room of its own. */
const ROOMS: Readonly<Record<string, Room>> = {
  contract: { imports: [], outside: [] },
  "node-agent/fuse": { imports: [], outside: ["fs"] },
  "node-agent/procfs": { imports: [], outside: [] },
  "node-agent/cgroup": { imports: [], outside: [] },
  "node-agent/host": { imports: [], outside: ["fs"] },
  "node-agent/linux": { imports: [], outside: ["fs", "os", "v8", "worker_threads", "koffi"] },
  // No native code, which workers do without.
  "node-agent/linux/inotify-pending.ts": { imports: [], outside: ["fs"] },
  "node-agent/shared-memory": { imports: [], outside: [] },
  "node-agent/ledger": { imports: ["node-agent/shared-memory"], outside: ["fs"] },
  "node-agent/container": { imports: ["node-agent/host", "node-agent/procfs", "node-agent/cgroup"], outside: [] },
  "node-agent/view": {
    imports: ["node-agent/procfs", "node-agent/cgroup"],
    types: ["node-agent/container"],
    outside: [],
  },
  "node-agent/sampler": {
    imports: ["node-agent/host", "node-agent/procfs", "node-agent/cgroup"],
    types: ["node-agent/container", "node-agent/ledger"],
    outside: [],
  },
  "node-agent/vfs": {
    imports: ["node-agent/fuse", "node-agent/ledger", "node-agent/shared-memory", "node-agent/vfs/node-id.ts"],
    outside: ["fs"],
  },
  // How an inode number tells whose file it is.
  "node-agent/vfs/node-id.ts": { imports: [], outside: [] },
  "node-agent/render": {
    imports: [
      "node-agent/host",
      "node-agent/container",
      "node-agent/linux/inotify-pending.ts",
      "node-agent/procfs",
      "node-agent/cgroup",
      "node-agent/view",
      "node-agent/sampler",
    ],
    types: ["node-agent/ledger"],
    outside: [],
  },
  "node-agent/compile-cache.ts": { imports: [], outside: ["module", "path"] },
  "node-agent/read-cpuinfo32.ts": { imports: ["node-agent/linux"], types: ["node-agent/host"], outside: [] },
  "node-agent/container-contents.ts": {
    imports: ["node-agent/container", "node-agent/fuse", "node-agent/vfs"],
    types: ["node-agent/host", "node-agent/render"],
    outside: [],
  },
  "node-agent/session": {
    imports: [
      "node-agent/cgroup",
      "node-agent/compile-cache.ts",
      "node-agent/container",
      "node-agent/container-contents.ts",
      "node-agent/fuse",
      "node-agent/host",
      "node-agent/ledger",
      "node-agent/linux",
      "node-agent/procfs",
      "node-agent/read-cpuinfo32.ts",
      "node-agent/render",
      "node-agent/sampler",
      "node-agent/session/mount-names.ts",
      "node-agent/vfs",
    ],
    types: ["node-agent/view"],
    outside: ["child_process", "events", "fs", "module", "path", "timers/promises", "url", "worker_threads"],
  },
  "node-agent/attach": {
    imports: [
      "node-agent/compile-cache.ts",
      "node-agent/container",
      "node-agent/host",
      "node-agent/linux",
      "node-agent/procfs",
      "node-agent/session/mount-names.ts",
      "node-agent/vfs/node-id.ts",
    ],
    outside: ["child_process", "fs", "timers/promises", "url"],
  },
  "node-agent/session/mount-names.ts": { imports: [], outside: [] },
  "node-agent/keeper": {
    imports: ["node-agent/linux"],
    types: ["node-agent/session"],
    outside: ["child_process", "fs", "net", "path", "url"],
  },
  "node-agent/telemetry": {
    imports: ["node-agent/attach", "node-agent/session"],
    outside: ["pino", "prom-client"],
  },
  "node-agent/kube": {
    imports: ["injection", "node-agent/attach", "node-agent/container"],
    types: ["node-agent/host", "node-agent/render"],
    outside: ["fs", "http", "https", "path", "readline", "timers/promises"],
  },
  "node-agent/agent": {
    imports: [
      "injection",
      "node-agent/attach",
      "node-agent/container",
      "node-agent/host",
      "node-agent/keeper",
      "node-agent/kube",
      "node-agent/linux",
      "node-agent/procfs",
      "node-agent/session",
      "node-agent/telemetry",
    ],
    types: ["node-agent/render"],
    outside: ["child_process", "events", "fs", "http", "module", "path", "timers/promises"],
  },
  "node-agent/runner": {
    imports: ["node-agent/container", "node-agent/host", "node-agent/linux", "node-agent/procfs", "node-agent/session"],
    types: ["node-agent/cgroup"],
    outside: ["child_process", "crypto", "events", "fs", "os", "path", "stream", "worker_threads"],
  },
  // Pure: which pod gets what. The webhook, the agent and the command line decide alike.
  injection: { imports: [], outside: [] },
  cli: {
    imports: ["injection", "node-agent", "webhook"],
    types: [],
    outside: [
      "child_process",
      "fs",
      "module",
      "path",
      "timers/promises",
      "url",
      "@kubernetes/client-node",
      "commander",
      "diff",
      "yaml",
    ],
  },
  webhook: { imports: ["injection"], outside: [] },
  "webhook/certificates": {
    imports: [],
    outside: ["crypto", "fs/promises", "path", "@peculiar/x509", "reflect-metadata"],
  },
  "webhook/server": {
    imports: ["injection", "webhook"],
    outside: ["events", "http", "https", "net", "express", "pino", "prom-client"],
  },
  "webhook/kubernetes": {
    imports: ["injection", "webhook"],
    outside: ["timers/promises", "pino", "@kubernetes/client-node"],
  },
  "webhook/start-webhook.ts": { imports: ["injection", "webhook"], outside: ["os", "pino", "@kubernetes/client-node"] },
  "bench/report": { imports: [], outside: [] },
  "bench/machine": {
    imports: ["node-agent/container", "node-agent/host", "node-agent/procfs", "node-agent/runner"],
    types: ["bench/report"],
    outside: ["child_process", "fs", "os", "path", "readline", "timers/promises"],
  },
  "bench/sides": {
    imports: ["bench/machine", "bench/report"],
    outside: ["child_process", "fs", "module", "os", "path"],
  },
  "bench/webhook.ts": {
    imports: ["bench/report"],
    outside: ["child_process", "events", "fs", "os", "path", "test/packages.ts", "test/webhook-harness.ts"],
  },
  "bench/webhook-server.ts": { imports: ["injection", "webhook"], outside: ["test/webhook-harness.ts"] },
  bench: { imports: ["bench"], outside: ["fs", "path", "timers/promises", "util", "test/packages.ts"] },
  accuracy: {
    imports: ["accuracy/tools", "node-agent/container", "node-agent/host", "node-agent/procfs"],
    outside: ["child_process", "events", "fs", "os", "timers/promises", "util", "test/packages.ts"],
  },
  "accuracy/tools": {
    imports: ["accuracy"],
    outside: ["events", "net", "timers/promises"],
  },
};

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const IMPORT = /(?:^|\n)import\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/g;

const files = ["contract", "injection", "node-agent", "webhook", "cli", "bench", "accuracy"].flatMap(sourcesBelow);
const imports = files.flatMap(importsOf);

test("every import is allowed by the table", () => {
  const forbidden = imports.filter((edge) => !isAllowed(edge)).map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(forbidden, []);
});

test("no two files import each other, at any distance", () => {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `circular: ${[...path, file].join(" -> ")}`);
    if (done.has(file)) return;
    for (const other of next.get(file) ?? []) visit(other, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test("views and reports are pure: no clock, no randomness, no process", () => {
  for (const file of files.filter((name) =>
    /^(node-agent\/(view|procfs|cgroup)\/|bench\/report\/|injection\/|webhook\/(?!start)[a-z-]+\.ts$)/.test(name),
  )) {
    const text = readFileSync(join(ROOT, file), "utf8");
    assert.doesNotMatch(
      text,
      /\b(process\.\w|new Date\b|Date\.\w|performance\.\w+\(|Math\.random|setTimeout|console\.)/,
      file,
    );
  }
});

test("every file says what it holds in its first line", () => {
  for (const file of files) assert.match(readFileSync(join(ROOT, file), "utf8"), /^(#!.*\n)?\/\/ \S/, file);
});

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const [name, room] = roomOf(from);
  if (!to.includes("/") || !files.includes(to)) return room.outside.includes(to) || to === "package.json";
  const [target] = roomOf(to);
  if (target === name || target === "contract") return true;
  const allowed = [...room.imports, ...(typeOnly ? (room.types ?? []) : [])];
  return allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`));
}

function roomOf(file: string): [string, Room] {
  const names = Object.keys(ROOMS).filter((name) => file === name || file.startsWith(`${name}/`));
  const name = names.sort((a, b) => b.length - a.length)[0];
  assert.ok(name !== undefined, `${file} is in no room`);
  return [name, ROOMS[name] as Room];
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? match[3] ?? "";
    const to = specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : specifier.replace(/^node:/, "");
    return { from: file, to, typeOnly: match[1] !== undefined };
  });
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|js)$/.test(name) && statSync(join(ROOT, folder, name)).isFile())
    .map((name) => relative(ROOT, join(ROOT, folder, name)));
}
