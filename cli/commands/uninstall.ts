// procview uninstall: has all agents of a cluster clean their nodes, before they are deleted. The chart's pre-delete hook.

import { Command, Option } from "commander";
import { CliError } from "../exit-codes.ts";
import { parseDuration } from "../option-values.ts";
import { write } from "../output.ts";

interface UninstallFlags {
  namespace: string;
  daemonset: string;
  timeout: number;
  webhookConfiguration?: string;
  kubeconfig?: string;
  context?: string;
}

export const uninstallCommand: Command = new Command("uninstall")
  .description("have the agents of a cluster clean their nodes: no mount, keeper or file of ours is left")
  .requiredOption("--namespace <name>", "namespace of the agents")
  .requiredOption("--daemonset <name>", "their DaemonSet")
  .option(
    "--webhook-configuration <name>",
    "MutatingWebhookConfiguration that is deleted first: no new pod is injected",
  )
  .addOption(
    new Option("--timeout <duration>", "how long the agents have to answer")
      .argParser((text) => parseDuration("--timeout", text))
      .default(60_000, "60s"),
  )
  .option("--kubeconfig <file>", "the cluster; else KUBECONFIG, or the service account of this pod")
  .option("--context <name>", "context of the kubeconfig")
  .action(async (flags: UninstallFlags) => {
    const { connect } = await import("../cluster/api.ts");
    const { uninstall } = await import("../cluster/uninstall.ts");
    const answers = await uninstall(connect(flags), {
      ...flags,
      timeoutMillis: flags.timeout,
      webhookConfiguration: flags.webhookConfiguration,
    });
    for (const { node, pod, answer } of answers) write(`${node || "(no node)"} ${pod}: ${answer ?? "no answer"}\n`);
    const bad = answers.filter(({ answer }) => answer !== "done");
    if (bad.length === 0) {
      write(answers.length === 0 ? "no agent is there\n" : `${answers.length} nodes are clean\n`);
      return;
    }
    const nodes = bad.map(({ node, answer }) => `${node || "(no node)"} (${answer ?? "no answer"})`);
    throw new CliError("notClean", `${bad.length} of ${answers.length} nodes are not clean: ${nodes.join(", ")}`);
  });
