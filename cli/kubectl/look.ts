// What `kubectl procview` asks of a cluster.

import type { ReportedContainer } from "../../contract/node-report.ts";
import { decideLive, type LiveDecision } from "../../injection/decide-live.ts";
import type { Pod } from "../../injection/pod.ts";
import type { Policy } from "../../injection/policy.ts";
import { asked, type Cluster, type ClusterFlags, connect } from "../cluster/api.ts";
import { CliError } from "../exit-codes.ts";
import { type AgentFlags, askAgent, findAgents } from "./agents.ts";
import type { NodeRow } from "./text.ts";

/** Throws CliError where there is no agent at all. */
export async function nodeRows(flags: ClusterFlags & AgentFlags, node?: string): Promise<NodeRow[]> {
  const cluster = connect(flags);
  const agents = await findAgents(cluster, flags, node);
  if (agents.length === 0) {
    const where = node === undefined ? "in this cluster" : `on node ${node}`;
    throw new CliError("noCluster", `There is no agent ${where} with labels ${flags.agentSelector}`);
  }
  return Promise.all(
    agents.map(async (agent) => ({
      agent,
      report: await askAgent(cluster, flags, agent).catch((error: Error) => `no answer: ${error.message}`),
    })),
  );
}

export interface PodLook {
  /** NAMESPACE/NAME */
  fullName: string;
  pod: Pod;
  live: LiveDecision;
  containers: readonly ReportedContainer[];
}

export async function lookAtPod(
  flags: ClusterFlags & AgentFlags & { namespace?: string },
  argument: string,
  policy: Policy,
  how: "alone" | "with its containers",
): Promise<PodLook> {
  const cluster = connect(flags);
  const [name = "", inNamespace] = argument.split("/").reverse();
  const namespace = inNamespace ?? flags.namespace ?? cluster.namespace;
  const fullName = `${namespace}/${name}`;
  const found = await asked(`pod ${fullName}`, cluster.core.readNamespacedPod({ namespace, name }));
  const { metadata } = await asked(`namespace ${namespace}`, cluster.core.readNamespace({ name: namespace }));
  const pod = found as Pod;
  const live = decideLive({ pod, namespace, namespaceLabels: metadata?.labels ?? {}, policy });
  const node = found.spec?.nodeName;
  const containers =
    how === "alone" || node === undefined ? [] : await containersOn(cluster, flags, node, { namespace, pod: name });
  return { fullName, pod, live, containers };
}

async function containersOn(
  cluster: Cluster,
  flags: AgentFlags,
  node: string,
  whose: { namespace: string; pod: string },
): Promise<ReportedContainer[]> {
  const [agent] = await findAgents(cluster, flags, node);
  if (agent === undefined) throw new CliError("noCluster", `There is no agent on node ${node}`);
  const { containers } = await askAgent(cluster, flags, agent);
  return containers.filter(({ name }) => name?.namespace === whose.namespace && name.pod === whose.pod);
}
