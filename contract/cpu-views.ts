// How many CPUs a container is shown: a choice of the operator, and of a pod.

/** "quota": as many CPUs as the quota pays for, within the cpuset; "cpuset": the quota is ignored; "host": all CPUs. */
export const CPU_VIEWS = ["quota", "cpuset", "host"] as const;

export type CpuView = (typeof CPU_VIEWS)[number];
