// What the tests put into a cluster.

export const NAMESPACE = "procview-system";

/** The webhook runs beside the cluster: a Service without selector leads to it. */
export function webhookObjects(address: string, port: number): object[] {
  const metadata = { name: "procview-webhook", namespace: NAMESPACE };
  return [
    namespace(NAMESPACE),
    namespace("shop", { "procview.io/inject": "enabled" }),
    namespace("vault", { "procview.io/inject": "enabled", "pod-security.kubernetes.io/enforce": "restricted" }),
    namespace("plain"),
    { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 443, targetPort: port }] } },
    { apiVersion: "v1", kind: "Endpoints", metadata, subsets: [{ addresses: [{ ip: address }], ports: [{ port }] }] },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "procview" },
      // Twice, as if another webhook had caused a second call: it must add nothing.
      webhooks: ["inject.procview.io", "again.procview.io"].map((name) => ({
        name,
        admissionReviewVersions: ["v1"],
        sideEffects: "NoneOnDryRun",
        failurePolicy: "Ignore",
        reinvocationPolicy: "IfNeeded",
        timeoutSeconds: 5,
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system"] }],
        },
        rules: [
          { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], scope: "Namespaced" },
        ],
        clientConfig: { service: { name: "procview-webhook", namespace: NAMESPACE, path: "/mutate" } },
      })),
    },
  ];
}

export function namespace(name: string, labels: Record<string, string> = {}): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export const LIMIT_KIB = 64 * 1024;
const SHOW = "grep MemTotal /proc/meminfo; cat /sys/devices/system/cpu/online; uptime";

export interface Resources {
  limits?: Readonly<Record<string, string>>;
  requests?: Readonly<Record<string, string>>;
}

const SMALL: Resources = { limits: { memory: `${LIMIT_KIB}Ki`, cpu: "1" }, requests: { cpu: "10m" } };

export function container(name: string, command: string, resources: Resources = SMALL): object {
  return { name, image: "localhost/tools:1", imagePullPolicy: "Never", resources, command: ["sh", "-c", command] };
}

/** A container that stays to be looked at. */
export function idle(name: string, resources: Resources = SMALL): object {
  return container(name, "exec sleep 3600", resources);
}

/** An init container that looks, and one that stays to be looked at. */
export function podSpec(more: object = {}): object {
  return {
    terminationGracePeriodSeconds: 0,
    initContainers: [container("look", SHOW)],
    containers: [container("app", `${SHOW}; exec sleep 3600`)],
    ...more,
  };
}

export function pod(name: string, inNamespace: string, more: object = {}, metadata: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: inNamespace, ...metadata },
    spec: podSpec(more),
  };
}

/** Every kind of workload, of one pod each. */
export function workloads(inNamespace: string): Readonly<Record<string, object>> {
  const labelled = (app: string, spec: object) => ({ metadata: { labels: { app } }, spec });
  const of = (apiVersion: string, kind: string, spec: object) => ({
    apiVersion,
    kind,
    metadata: { name: kind.toLowerCase(), namespace: inNamespace },
    spec,
  });
  const selecting = (app: string) => ({ selector: { matchLabels: { app } }, template: labelled(app, podSpec()) });
  const once = podSpec({ restartPolicy: "Never", containers: [container("app", SHOW)] });
  return {
    deployment: of("apps/v1", "Deployment", selecting("deployment")),
    statefulset: of("apps/v1", "StatefulSet", { ...selecting("statefulset"), serviceName: "none" }),
    daemonset: of("apps/v1", "DaemonSet", selecting("daemonset")),
    replicaset: of("apps/v1", "ReplicaSet", selecting("replicaset")),
    job: of("batch/v1", "Job", { template: labelled("job", once) }),
  };
}
