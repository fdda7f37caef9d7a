// While the image is built: compiles every module once for each way in which the image runs it, so that nothing is compiled
// at its start, when the root is read-only. Node's compile cache is by user, by V8's flags and by path; see
// module.enableCompileCache(). With another folder as its one argument, for tests, as root alone: nobody else may be able to
// read where the sources are.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINE_FLAGS } from "../../node-agent/session/engine-flags.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where cli/procview.js looks. */
const IMAGE_CACHE = join(ROOT, "node_modules/.cache/procview");
const CACHE = process.argv[2] ?? IMAGE_CACHE;

interface Way {
  uid: number;
  flags: readonly string[];
  rooms: readonly string[];
}

const ALL_ROOMS = ["contract", "injection", "node-agent", "webhook", "cli"];
const AGENT: Way = { uid: 0, flags: [], rooms: ALL_ROOMS };
const FILE_SYSTEM_PROCESS: Way = { uid: 0, flags: ENGINE_FLAGS, rooms: ["contract", "node-agent"] };
const WEBHOOK: Way = { ...AGENT, uid: 65532 };
const WAYS = CACHE === IMAGE_CACHE ? [AGENT, FILE_SYSTEM_PROCESS, WEBHOOK] : [AGENT, FILE_SYSTEM_PROCESS];

/** All modules at once take more than a process of ours may. The cache is not by this flag. */
const ROOM_FOR_ALL = "--max-old-space-size=512";

/** By a kill: V8 may wait for ever for its compiler, which waits for a collection of garbage. Prints 0 where all went well. */
const END = `import { flushCompileCache } from "node:module";
import { writeSync } from "node:fs";
process.on("exit", (status) => {
  flushCompileCache();
  writeSync(1, String(status));
  process.kill(process.pid, "SIGKILL");
});`;

/** What begins its work when it is imported, and ends without an order: by then it is compiled. */
const PROGRAMS = /\/(start-file-system-process|file-system-process|workers|worker|attach-process|launcher)\.ts$/;

mkdirSync(CACHE, { recursive: true });
for (const way of WAYS) {
  const modules = way.rooms.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(ROOT, room, name)),
  );
  chownSync(CACHE, way.uid, way.uid);
  const others = modules.filter((path) => !PROGRAMS.test(path));
  const { stdout, stderr } = compile(way, others);
  if (stdout !== "0") throw new Error(`Not every module can be imported: ${stderr}`);
  for (const program of modules.filter((path) => PROGRAMS.test(path))) compile(way, [program]);
  process.stdout.write(
    `compiled ${modules.length} modules for user ${way.uid}, V8 flags: ${way.flags.join(" ") || "none"}\n`,
  );
}
// What lies there is executed: nobody may write to it.
chownSync(CACHE, 0, 0);
for (const name of readdirSync(CACHE, { recursive: true, encoding: "utf8" })) {
  chownSync(join(CACHE, name), 0, 0);
  chmodSync(join(CACHE, name), 0o755);
}

function compile({ uid, flags }: Way, paths: readonly string[]): SpawnSyncReturns<string> {
  const imports = paths.map((path) => `await import(${JSON.stringify(path)});`).join("\n");
  const script = `${END}\n${imports}\nprocess.exit();`;
  return spawnSync(process.execPath, [...flags, ROOM_FOR_ALL, "--no-warnings", "--input-type=module", "-e", script], {
    uid,
    gid: uid,
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE },
  });
}
