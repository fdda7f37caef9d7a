// The slice of a pod that decisions read. All else passes through untouched: patches name what they add, nothing else.

export type Labels = Readonly<Record<string, string>>;

export interface VolumeMount {
  name?: string;
  mountPath?: string;
}

export interface Container {
  name?: string;
  volumeMounts?: readonly VolumeMount[] | null;
  volumeDevices?: readonly { devicePath?: string }[] | null;
  securityContext?: { procMount?: string } | null;
}

export interface Volume {
  name?: string;
  hostPath?: { path?: string; type?: string } | null;
}

export interface PodSpec {
  containers?: readonly Container[] | null;
  initContainers?: readonly Container[] | null;
  ephemeralContainers?: readonly Container[] | null;
  volumes?: readonly Volume[] | null;
  hostPID?: boolean;
  hostUsers?: boolean;
  shareProcessNamespace?: boolean;
  runtimeClassName?: string;
  nodeSelector?: Labels | null;
  os?: { name?: string } | null;
}

export interface OwnerReference {
  apiVersion?: string;
  kind?: string;
  name?: string;
  uid?: string;
  controller?: boolean;
}

export interface Pod {
  metadata?: {
    name?: string;
    generateName?: string;
    namespace?: string;
    labels?: Labels | null;
    annotations?: Labels | null;
    ownerReferences?: readonly OwnerReference[] | null;
  } | null;
  spec?: PodSpec | null;
}

/** Lists of containers that run from the start of a pod; native sidecars are among the init containers. */
export const CONTAINER_LISTS = ["initContainers", "containers"] as const;

export type ContainerList = (typeof CONTAINER_LISTS)[number];

export function labelsOf(pod: Pod): Labels {
  return pod.metadata?.labels ?? {};
}

export function annotationsOf(pod: Pod): Labels {
  return pod.metadata?.annotations ?? {};
}

/** Every container of a pod with its place. */
export function containersOf(spec: PodSpec): { list: ContainerList; index: number; container: Container }[] {
  return CONTAINER_LISTS.flatMap((list) => (spec[list] ?? []).map((container, index) => ({ list, index, container })));
}
