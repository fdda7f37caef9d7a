// procview kubectl: what `kubectl procview` does, for people who look at a cluster from outside.

import { Command, Option } from "commander";
import { AGENT_PORT, AGENT_SELECTOR } from "../kubectl/agent-place.ts";
import type { AgentFlags } from "../kubectl/agents.ts";
import { parseCount } from "../option-values.ts";
import { write, writeJson } from "../output.ts";
import { addPolicyFlags, type PolicyFlags, policyOf } from "../policy-flags.ts";

interface ClusterFlags {
  kubeconfig?: string;
  context?: string;
}

type StatusFlags = ClusterFlags & AgentFlags & { json?: true };
type PodFlags = ClusterFlags & AgentFlags & PolicyFlags & { namespace?: string; json?: true };

function addClusterFlags(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "the cluster; else as kubectl finds it")
    .option("--context <name>", "context of the kubeconfig");
}

function addAgentFlags(command: Command): Command {
  return addClusterFlags(command)
    .option("--agent-selector <labels>", "labels of the agents' pods", AGENT_SELECTOR)
    .addOption(
      new Option("--agent-port <port>", "the port of /containers")
        .argParser((text) => parseCount("--agent-port", text))
        .default(AGENT_PORT),
    )
    .option("--json", "print JSON");
}

const statusCommand = addAgentFlags(
  new Command("status")
    .description("list nodes: their agent, whether it is ready, their containers by how they stand")
    .argument("[node]", "only this one"),
).action(async (node: string | undefined, flags: StatusFlags) => {
  const { nodeRows } = await import("../kubectl/look.ts");
  const { formatNodes } = await import("../kubectl/text.ts");
  const rows = await nodeRows(flags, node);
  if (flags.json) writeJson({ nodes: rows });
  else write(formatNodes(rows));
});

const podFlags = (command: Command): Command =>
  addPolicyFlags(addAgentFlags(command).option("-n, --namespace <name>", "of the pod; else the context's"));

const podCommand = podFlags(
  new Command("pod")
    .description("tell what a pod has: by volumes, by the agent, and how it stands with each file of each container")
    .argument("<pod>", "NAME or NAMESPACE/NAME"),
).action(async (name: string, flags: PodFlags) => {
  const { lookAtPod } = await import("../kubectl/look.ts");
  const { formatPod, whyOf } = await import("../kubectl/text.ts");
  const { fullName, pod, live, containers } = await lookAtPod(flags, name, policyOf(flags), "with its containers");
  if (flags.json) writeJson({ pod: fullName, why: whyOf(live), containers });
  else write(formatPod(fullName, pod, containers, whyOf(live)));
});

const whyCommand = podFlags(
  new Command("why")
    .description("tell why a pod is injected, attached or left alone, as the webhook and the agent decide")
    .argument("<pod>", "NAME or NAMESPACE/NAME"),
).action(async (name: string, flags: PodFlags) => {
  const { lookAtPod } = await import("../kubectl/look.ts");
  const { formatWhy } = await import("../kubectl/text.ts");
  const { fullName, pod, live } = await lookAtPod(flags, name, policyOf(flags), "alone");
  if (flags.json) writeJson({ pod: fullName, reason: live.reason, decision: live.decision });
  else write(formatWhy(fullName, pod, live));
});

export const kubectlCommand: Command = new Command("kubectl")
  .description("look at a cluster from outside, also as `kubectl procview`: status [NODE], pod POD, why POD")
  .addCommand(statusCommand)
  .addCommand(podCommand)
  .addCommand(whyCommand);
