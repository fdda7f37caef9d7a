// Annotations of pods that procview reads and writes, a sentence each: THE table, also printed in the README.

export const ANNOTATIONS = {
  files: {
    key: "procview.io/files",
    sentence: "Only these files, such as `meminfo,cpuinfo,cpu`; without it, all that the installation serves",
  },
  excludeContainers: {
    key: "procview.io/exclude-containers",
    sentence: "Names of containers that are left alone",
  },
  mode: {
    key: "procview.io/mode",
    sentence:
      "`mount` adds volumes to the pod; `attach` leaves its spec alone, the agent attaches when its containers run",
  },
  cpuView: {
    key: "procview.io/cpu-view",
    sentence: "`quota`, `cpuset` or `host`: how the agent counts this pod's CPUs",
  },
  status: {
    key: "procview.io/status",
    sentence: "Written by procview: version, mode, files, what is left to the agent, what was skipped and why",
  },
  uninstall: {
    key: "procview.io/uninstall",
    sentence:
      "On an agent's own pod: `requested` has it clean its node and serve no more; it answers `done`, or `failed: ` and why",
  },
} as const satisfies Readonly<Record<string, { key: string; sentence: string }>>;

/** What the keys of all of them begin with. */
export const OWN_PREFIX = "procview.io/";

/** Pods of the kubelet's own; https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror */
export const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

export const MODES = ["mount", "attach"] as const;

export type Mode = (typeof MODES)[number];
