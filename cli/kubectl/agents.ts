// The agents of a cluster, and what each tells of its node: through the API server's proxy to the port of its pod.

import { ANNOTATIONS } from "../../contract/annotations.ts";
import type { NodeReport } from "../../contract/node-report.ts";
import { asked, type Cluster } from "../cluster/api.ts";

export interface AgentFlags {
  agentSelector: string;
  agentPort: number;
}

export interface FoundAgent {
  node: string;
  namespace: string;
  pod: string;
  ready: boolean;
  /** What it was told by `procview uninstall`, or answered. */
  uninstall: string | undefined;
}

/** By node, all or one. */
export async function findAgents(
  { core }: Cluster,
  { agentSelector: labelSelector }: AgentFlags,
  node?: string,
): Promise<FoundAgent[]> {
  const fieldSelector = node === undefined ? {} : { fieldSelector: `spec.nodeName=${node}` };
  const { items } = await asked("pods of agents", core.listPodForAllNamespaces({ labelSelector, ...fieldSelector }));
  return items
    .filter(({ spec }) => spec?.nodeName !== undefined)
    .map(({ metadata, spec, status }) => ({
      node: spec?.nodeName ?? "",
      namespace: metadata?.namespace ?? "",
      pod: metadata?.name ?? "",
      ready: status?.conditions?.some(({ type, status: holds }) => type === "Ready" && holds === "True") ?? false,
      uninstall: metadata?.annotations?.[ANNOTATIONS.uninstall.key],
    }))
    .sort((a, b) => a.node.localeCompare(b.node));
}

/** Throws CliError where the agent does not answer. */
export async function askAgent(
  { core }: Cluster,
  { agentPort }: AgentFlags,
  { namespace, pod }: FoundAgent,
): Promise<NodeReport> {
  const name = `${pod}:${agentPort}`;
  const answer: unknown = await asked(
    `agent ${namespace}/${pod}`,
    core.connectGetNamespacedPodProxyWithPath({ namespace, name, path: "containers" }),
  );
  return (typeof answer === "string" ? JSON.parse(answer) : answer) as NodeReport;
}
