// On what it was measured.

import { readFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import type { Hierarchy } from "../node-agent/container/hierarchies.ts";
import { outputOf } from "./children.ts";
import type { Circumstances } from "./document.ts";
import { packagesOf } from "./packages.ts";
import type { Tool } from "./tools/tool.ts";

const LIMIT_MILLIS = 10_000;

export async function circumstancesOf(
  hierarchies: readonly Hierarchy[],
  tools: readonly Tool[],
  seconds: number,
): Promise<Circumstances> {
  const packages = packagesOf(tools).map(([name]) => name);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own notation
  const query = ["dpkg-query", "--show", "--showformat=${Package} ${Version}\\n", ...packages];
  const { output } = await outputOf(query, LIMIT_MILLIS);
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return {
    seconds,
    date: new Date().toISOString().slice(0, 10),
    kernel: release(),
    cgroups: versionsOf(hierarchies),
    cpus: `${cpus().length} x ${cpus()[0]?.model}`,
    loadAverage: loadavg()
      .map((load) => load.toFixed(2))
      .join(", "),
    versions: [`procview ${version}`, `node ${process.versions.node}`, ...output.trim().split("\n")],
  };
}

/** Of those hierarchies that have controllers. */
function versionsOf(hierarchies: readonly Hierarchy[]): string {
  const versions = new Set(
    hierarchies.filter(({ controllers }) => controllers.length > 0).map(({ version }) => version),
  );
  return [...versions]
    .sort()
    .map((version) => `v${version}`)
    .join(" and ");
}
