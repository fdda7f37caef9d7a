// Objects of the tests: what the agent may do, its pod, its node. docs/kubernetes.md lists the same rights.

import { POD_IP } from "./api-server.ts";
import { NODE } from "./kubelet-stand-in.ts";

export const AGENTS = "procview-system";
export const AGENT_POD = "agent-1";
export const TAINT = "procview.io/not-ready";
const LABELS = { "app.kubernetes.io/name": "procview", "app.kubernetes.io/component": "agent" };

const rule = (apiGroups: string[], resources: string[], verbs: string[]): object => ({ apiGroups, resources, verbs });
const rbac = "rbac.authorization.k8s.io";

export function namespace(name: string, labels: Record<string, string> = {}): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** The least that an agent needs. */
export function agentRights(): object[] {
  const metadata = { name: "procview-agent" };
  const subjects = [{ kind: "ServiceAccount", name: "procview-agent", namespace: AGENTS }];
  const role = (kind: string) => ({ apiGroup: rbac, kind, name: "procview-agent" });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...metadata, namespace: AGENTS } },
    {
      apiVersion: `${rbac}/v1`,
      kind: "ClusterRole",
      metadata,
      rules: [
        rule([""], ["pods", "namespaces"], ["list", "watch"]),
        rule([""], ["events"], ["create"]),
        rule([""], ["nodes"], ["get", "patch"]),
      ],
    },
    { apiVersion: `${rbac}/v1`, kind: "ClusterRoleBinding", metadata, subjects, roleRef: role("ClusterRole") },
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata: { ...metadata, namespace: AGENTS },
      rules: [rule([""], ["pods"], ["patch"])],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: { ...metadata, namespace: AGENTS },
      subjects,
      roleRef: role("Role"),
    },
  ];
}

export function node(): object {
  const taints = [
    { key: "example.org/mine", value: "yes", effect: "NoSchedule" },
    { key: TAINT, effect: "NoSchedule" },
    { key: TAINT, effect: "NoExecute" },
  ];
  return { apiVersion: "v1", kind: "Node", metadata: { name: NODE }, spec: { taints } };
}

export function daemonSet(): object {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "procview-agent", namespace: AGENTS },
    spec: {
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [{ name: "agent", image: "none" }] } },
    },
  };
}

export function agentPod(name: string, nodeName: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: AGENTS, labels: LABELS },
    spec: { nodeName, hostNetwork: true, containers: [{ name: "agent", image: "none" }] },
  };
}

export const READY_STATUS: object = {
  phase: "Running",
  podIP: POD_IP,
  podIPs: [{ ip: POD_IP }],
  conditions: [{ type: "Ready", status: "True" }],
};
