// While the image is built: compiles every module once as each user of the image, so that nothing is compiled at its
// start, when the root is read-only. V8's cache is by user; see module.enableCompileCache().

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where cli/procview.js looks. */
const CACHE = join(ROOT, "node_modules/.cache/procview");
const ROOMS = ["contract", "injection", "node-agent", "webhook", "cli"];
/** The agent's, and the webhook's. */
const USERS = [0, 65532];

/** What begins its work when it is imported, and ends without an order: by then it is compiled. */
const PROGRAMS = /\/(start-file-system-process|file-system-process|workers|worker|attach-process|launcher)\.ts$/;

const modules = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(ROOT, room, name)),
);
const programs = modules.filter((path) => PROGRAMS.test(path));
const others = modules.filter((path) => !PROGRAMS.test(path));

mkdirSync(CACHE, { recursive: true });
for (const uid of USERS) {
  chownSync(CACHE, uid, uid);
  const { status, stderr } = compile(uid, others);
  if (status !== 0) throw new Error(`Not every module can be imported: ${stderr}`);
  for (const program of programs) compile(uid, [program]);
}
// What lies there is executed: nobody may write to it.
chownSync(CACHE, 0, 0);
for (const name of readdirSync(CACHE, { recursive: true, encoding: "utf8" })) {
  chownSync(join(CACHE, name), 0, 0);
  chmodSync(join(CACHE, name), 0o755);
}
process.stdout.write(`compiled ${modules.length} modules for users ${USERS.join(" and ")}\n`);

function compile(uid: number, paths: readonly string[]): SpawnSyncReturns<string> {
  const imports = paths.map((path) => `await import(${JSON.stringify(path)});`).join("\n");
  const script = `${imports}\nprocess.exit();`;
  return spawnSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
    uid,
    gid: uid,
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE },
  });
}
