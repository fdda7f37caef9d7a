// Why something was left alone: THE table. Codes are metric labels and stand in procview.io/status; sentences are for
// people: warnings, Events, `procview inject --explain`.

interface SkipReasonRow {
  sentence: string;
  /** Whether it can be news to someone who asked for injection: it gets an Event. */
  tell: boolean;
}

/** The whole pod. */
export const POD_SKIP_REASONS = {
  notAPod: { sentence: "Only pods are injected", tell: false },
  notCreated: { sentence: "Only a pod that is being created can be changed", tell: false },
  notOptedIn: { sentence: "Neither the pod nor its namespace asks for it", tell: false },
  optedOut: { sentence: "The pod or its namespace says no", tell: false },
  excludedNamespace: { sentence: "The installation leaves pods of this namespace alone", tell: true },
  mirrorPod: { sentence: "It mirrors a static pod: the kubelet would not see a change", tell: false },
  windows: { sentence: "It runs on Windows, which has no /proc", tell: true },
  hostPID: {
    sentence: "It shares the process ids of the node (hostPID), as programs that look after the node do",
    tell: true,
  },
  hostUsers: {
    sentence:
      "It has a user namespace (hostUsers: false), whose volumes must be id-mapped; FUSE can be from Linux 6.12 on",
    tell: true,
  },
  runtimeClass: { sentence: "Its runtimeClassName stands for a sandbox that has a /proc of its own", tell: true },
  sharedProcessNamespace: {
    sentence:
      "Its containers share process ids (shareProcessNamespace): where no cgroup tells them apart, each shows the first",
    tell: true,
  },
  ephemeralContainers: {
    sentence: "Volumes cannot be added for an ephemeral container; the agent attaches once it runs",
    tell: false,
  },
  noFiles: { sentence: "procview.io/files names no file that there is", tell: true },
  alreadyInjected: { sentence: "All of it is there already", tell: false },
} as const satisfies Readonly<Record<string, SkipReasonRow>>;

/** One container, or one file of it. */
export const PART_SKIP_REASONS = {
  excludedContainer: { sentence: "procview.io/exclude-containers names the container", tell: false },
  unmaskedProc: {
    sentence: "Its procMount is Unmasked: with mounts over /proc the containers inside it could not mount their own",
    tell: true,
  },
  userMount: { sentence: "The pod mounts something of its own at this path", tell: true },
  userMountAbove: { sentence: "The pod mounts something of its own at a parent of this path", tell: true },
  userMountBelow: { sentence: "The pod mounts something of its own below this path", tell: true },
  unknownFile: { sentence: "procview.io/files names a file that there is not", tell: true },
  notServed: { sentence: "This installation does not serve the file", tell: true },
  unknownContainer: { sentence: "procview.io/exclude-containers names a container that there is not", tell: true },
} as const satisfies Readonly<Record<string, SkipReasonRow>>;

/** Why the agent attaches what could have been a volume. */
export const ATTACH_REASONS = {
  attachRequested: { sentence: "procview.io/mode asks the agent to attach", tell: false },
  podSecurity: {
    sentence: "The namespace's Pod Security level forbids hostPath volumes: the agent attaches",
    tell: false,
  },
  hostPID: POD_SKIP_REASONS.hostPID,
  hostUsers: POD_SKIP_REASONS.hostUsers,
  runtimeClass: POD_SKIP_REASONS.runtimeClass,
  sharedProcessNamespace: POD_SKIP_REASONS.sharedProcessNamespace,
} as const satisfies Readonly<Record<string, SkipReasonRow>>;

/** Why a review could not be decided. The pod is let through as it is: its owner did nothing wrong. */
export const UNABLE_REASONS = {
  unsupportedVersion: {
    sentence: "Reviews are read as admission.k8s.io/v1: name v1 in admissionReviewVersions",
    tell: false,
  },
  malformedObject: { sentence: "The review holds no pod that can be read", tell: false },
  unknownNamespace: { sentence: "The labels of the namespace cannot be had from the API server", tell: true },
  fault: { sentence: "procview failed; its log says how", tell: true },
} as const satisfies Readonly<Record<string, SkipReasonRow>>;

export type UnableReason = keyof typeof UNABLE_REASONS;
export type PodSkipReason = keyof typeof POD_SKIP_REASONS;
export type PartSkipReason = keyof typeof PART_SKIP_REASONS;
export type AttachReason = keyof typeof ATTACH_REASONS;

const ALL: Readonly<Record<string, SkipReasonRow>> = {
  ...POD_SKIP_REASONS,
  ...PART_SKIP_REASONS,
  ...ATTACH_REASONS,
  ...UNABLE_REASONS,
};

/** The sentence of a code; the code itself where a newer version wrote it. */
export function sentenceOf(reason: string): string {
  return ALL[reason]?.sentence ?? reason;
}

export function isNews(reason: string): boolean {
  return ALL[reason]?.tell ?? false;
}
