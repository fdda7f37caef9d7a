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
} as const satisfies Readonly<Record<string, { key: string; sentence: string }>>;

export const MODES = ["mount", "attach"] as const;

export type Mode = (typeof MODES)[number];
