// The slice of a pod that the agent keeps: a few hundred bytes of several thousand.

import { MIRROR_ANNOTATION, OWN_PREFIX } from "../../contract/annotations.ts";
import type { Container, Labels, Pod, PodSpec, Volume } from "../../injection/pod.ts";

export interface RunningPod {
  uid: string;
  namespace: string;
  name: string;
  /** What decisions read. */
  pod: Pod;
  /** Names by the runtime's id, of containers that the kubelet has told of. */
  containers: ReadonlyMap<string, string>;
}

interface ApiPod extends Pod {
  metadata?: Pod["metadata"] & { uid?: string };
  status?: Readonly<Record<StatusList, readonly { name?: string; containerID?: string }[] | null | undefined>> | null;
}

const STATUS_LISTS = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"] as const;
type StatusList = (typeof STATUS_LISTS)[number];

/** As the API server sends it. */
export function runningPodOf(object: unknown): RunningPod {
  const { metadata, spec, status } = object as ApiPod;
  const containers = STATUS_LISTS.flatMap((list) => status?.[list] ?? []).flatMap(({ name, containerID }) => {
    const id = containerID?.replace(/^[^:]+:\/\//, "");
    return id && name !== undefined ? [[id, name] as const] : [];
  });
  return {
    uid: metadata?.uid ?? "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    pod: {
      metadata: {
        name: metadata?.name ?? "",
        labels: metadata?.labels ?? {},
        annotations: ownAnnotations(metadata?.annotations ?? {}),
      },
      spec: specOf(spec ?? {}),
    },
    containers: new Map(containers),
  };
}

/** Others' may be large: kubectl keeps whole manifests there. */
function ownAnnotations(annotations: Labels): Labels {
  return Object.fromEntries(
    Object.entries(annotations).filter(([key]) => key.startsWith(OWN_PREFIX) || key === MIRROR_ANNOTATION),
  );
}

function specOf(spec: PodSpec): PodSpec {
  return {
    containers: (spec.containers ?? []).map(containerOf),
    initContainers: (spec.initContainers ?? []).map(containerOf),
    ephemeralContainers: (spec.ephemeralContainers ?? []).map(containerOf),
    volumes: (spec.volumes ?? []).filter(({ hostPath }) => hostPath != null).map(volumeOf),
    ...(spec.hostPID !== undefined && { hostPID: spec.hostPID }),
    ...(spec.hostUsers !== undefined && { hostUsers: spec.hostUsers }),
    ...(spec.shareProcessNamespace !== undefined && { shareProcessNamespace: spec.shareProcessNamespace }),
    ...(spec.runtimeClassName !== undefined && { runtimeClassName: spec.runtimeClassName }),
    ...(spec.nodeSelector != null && { nodeSelector: spec.nodeSelector }),
    ...(spec.os != null && { os: spec.os }),
  };
}

function containerOf({ name, volumeMounts, volumeDevices, securityContext }: Container): Container {
  const procMount = securityContext?.procMount;
  return {
    ...(name !== undefined && { name }),
    volumeMounts: (volumeMounts ?? []).map((mount) => ({
      ...(mount.name !== undefined && { name: mount.name }),
      ...(mount.mountPath !== undefined && { mountPath: mount.mountPath }),
    })),
    ...(volumeDevices != null && { volumeDevices }),
    ...(procMount !== undefined && { securityContext: { procMount } }),
  };
}

function volumeOf({ name, hostPath }: Volume): Volume {
  return { ...(name !== undefined && { name }), hostPath: hostPath ?? null };
}
