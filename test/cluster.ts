// `npm run test:cluster`: the webhook, and the whole of procview as helm installs it, on a real Kubernetes.
//
// The cluster is made by programs outside this repository: `up`, `down`, `node` and `images` in PROCVIEW_CLUSTER, or
// ../shared/cluster. Elsewhere set KUBECONFIG, PROCVIEW_WEBHOOK_HOST (where its API server reaches this machine) and
// PROCVIEW_IMAGE (the image of `npm run image`, where its nodes get it).

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { skip, up } from "./cluster/cluster.ts";
import { installMissing } from "./packages.ts";
import { conclude, counted, type Totals } from "./totals.ts";

const FOLDER = new URL("./cluster/", import.meta.url).pathname;
/** The cluster's own is one of them. */
const IMAGES = ["linux/amd64", "linux/arm64"];
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
    // Of both images, which are built at the same time.
    ["buildah", "/usr/bin/buildah"],
    ["curl", "/usr/bin/curl"],
    ["debootstrap", "/usr/sbin/debootstrap"],
    ["gcc", "/usr/bin/cc"],
    ["golang-github-modern-go-reflect2-dev", "/usr/share/gocode/src/github.com/modern-go/reflect2/reflect2.go"],
    ["make", "/usr/bin/make"],
    ["openssl", "/usr/bin/openssl"],
    ["procps", "/usr/bin/pkill"],
    ["qemu-user-static", "/usr/bin/qemu-aarch64-static"],
  ]);
  const cluster = up();
  try {
    if (process.env["PROCVIEW_IMAGE"] === undefined) await Promise.all(IMAGES.map(build));
    await counted(totals, process.execPath, ["--test", "--test-concurrency=1", ...files]);
  } finally {
    cluster.down();
  }
}
conclude("npm run test:cluster", totals);

async function build(platform: string): Promise<void> {
  const child = spawn("npm", ["run", "--silent", "image", "--", "--platform", platform], { stdio: "inherit" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`npm run image failed for ${platform}`);
}
