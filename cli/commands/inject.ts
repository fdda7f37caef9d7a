// procview inject -f FILE: what the webhook would make of a manifest, without a cluster. The same code decides.

import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { Labels } from "../../injection/pod.ts";
import { CliError } from "../exit-codes.ts";
import type { InjectedManifest, InjectedPod } from "../inject/manifest.ts";
import { write } from "../output.ts";
import { addPolicyFlags, type PolicyFlags, policyOf } from "../policy-flags.ts";

interface InjectFlags extends PolicyFlags {
  filename: string;
  namespace: string;
  namespaceLabel?: [string, string][];
  diff?: true;
  explain?: true;
}

export const injectCommand: Command = addPolicyFlags(
  new Command("inject")
    .description("print manifests as the webhook would change them; without a cluster")
    .requiredOption("-f, --filename <file>", "a file of YAML or JSON documents with pods or workloads; - for stdin")
    .option("-n, --namespace <name>", "namespace of objects that name none", "default")
    .option(
      "--namespace-label <key=value>",
      "label of the namespace; without any, it is taken to opt in; may be repeated",
      parseNamespaceLabel,
    )
    .option("--diff", "print the change alone")
    .option("--explain", "print the decision alone, in words"),
).action(async (flags: InjectFlags) => {
  const { injectManifest } = await import("../inject/manifest.ts");
  const name = flags.filename === "-" ? "stdin" : flags.filename;
  const policy = policyOf(flags);
  const manifest = injectManifest(name, read(flags.filename), {
    policy,
    namespace: flags.namespace,
    namespaceLabels: namespaceLabelsOf(flags, policy.labels),
  });
  if (manifest.pods.length === 0) {
    throw new CliError(
      "badManifest",
      `${name} holds no pod and no workload with one; give it a Pod, a Deployment, ...`,
    );
  }
  if (flags.explain) await writeExplanations(manifest.pods);
  else if (flags.diff) await writeDiff(name, manifest);
  else write(manifest.after);
});

async function writeExplanations(pods: readonly InjectedPod[]): Promise<void> {
  const { explainPod } = await import("../inject/explain-decision.ts");
  for (const pod of pods) write(explainPod(pod));
}

async function writeDiff(name: string, { before, after, pods }: InjectedManifest): Promise<void> {
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import("diff");
  if (pods.every(({ patch }) => patch.length === 0)) return;
  const options = { headerOptions: FILE_HEADERS_ONLY };
  write(createTwoFilesPatch(name, `${name} (injected)`, before, after, undefined, undefined, options));
}

function read(filename: string): string {
  try {
    return readFileSync(filename === "-" ? 0 : filename, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError("badManifest", `${filename} cannot be read: ${reason}`, { cause: error });
  }
}

/** Who types `inject` wants it: a namespace of which nothing is said opts in. The pod's own labels still count. */
function namespaceLabelsOf(
  { namespaceLabel }: InjectFlags,
  known: readonly { key: string; enabled: string }[],
): Labels {
  if (namespaceLabel !== undefined) return Object.fromEntries(namespaceLabel);
  return Object.fromEntries(known.slice(0, 1).map(({ key, enabled }) => [key, enabled]));
}

function parseNamespaceLabel(text: string, labels: [string, string][] = []): [string, string][] {
  const separator = text.indexOf("=");
  if (separator < 1) throw new CliError("usage", `--namespace-label "${text}" is no label; write KEY=VALUE`);
  return [...labels, [text.slice(0, separator), text.slice(separator + 1)]];
}
