// `npm run test:cluster`: the webhook, and the whole of procview as helm installs it, on a real Kubernetes.
//
// The cluster is made by programs outside this repository: `up`, `down`, `node` and `images` in PROCVIEW_CLUSTER, or
// ../shared/cluster. Elsewhere set KUBECONFIG, PROCVIEW_WEBHOOK_HOST (where its API server reaches this machine) and
// PROCVIEW_IMAGE (the image of `npm run image`, where its nodes get it).

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { PLATFORMS, type Platform, packagesFor } from "../packaging/image/platforms.ts";
import { skip, up } from "./cluster/cluster.ts";
import { installMissing } from "./packages.ts";
import { conclude, counted, type Totals } from "./totals.ts";

const FOLDER = new URL("./cluster/", import.meta.url).pathname;
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
const named = process.argv.slice(2);
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".test.ts") && (named.length === 0 || named.some((part) => name.includes(part))))
  .map((name) => `${FOLDER}${name}`);

if (skip !== false) {
  console.log(`skipped: ${skip}`);
  totals.skipped += files.length;
} else {
  installMissing("test:cluster", [
    ["curl", "/usr/bin/curl"],
    ["gcc", "/usr/bin/cc"],
    ["golang-github-modern-go-reflect2-dev", "/usr/share/gocode/src/github.com/modern-go/reflect2/reflect2.go"],
    ["make", "/usr/bin/make"],
    ["openssl", "/usr/bin/openssl"],
    ["procps", "/usr/bin/pkill"],
  ]);
  const cluster = up();
  try {
    if (process.env["PROCVIEW_IMAGE"] === undefined) await buildImages();
    await counted(totals, process.execPath, ["--test", "--test-concurrency=1", ...files]);
  } finally {
    cluster.down();
  }
}
conclude("npm run test:cluster", totals);

/** All at the same time, of which the cluster's own is one; but apt-get does one thing at a time. */
async function buildImages(): Promise<void> {
  for (const platform of PLATFORMS) installMissing("npm run image", packagesFor(platform));
  await Promise.all(PLATFORMS.map(build));
}

async function build({ name }: Platform): Promise<void> {
  const child = spawn("npm", ["run", "--silent", "image", "--", "--platform", name], { stdio: "inherit" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`npm run image failed for ${name}`);
}
