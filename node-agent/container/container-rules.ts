// Where in a cgroup path a container begins, by the names that runtimes give. THE table: one row a naming scheme.
// A path may match several rows (docker in LXC, kubepods in docker): the innermost container wins.

export interface ContainerRule {
  name: string;
  /** Matches up to and including the container's own cgroup; group 1 is the container's id or name. */
  pattern: RegExp;
}

const ID = "[0-9a-f]{64}";

export const CONTAINER_RULES: readonly ContainerRule[] = [
  // kubelet, systemd driver: .../kubepods-burstable-pod<uid>.slice/cri-containerd-<id>.scope
  {
    name: "kubepods-systemd",
    pattern: /\/[^/]*kubepods[^/]*-pod[^/]+\.slice\/(?!crio-conmon-)([^/:]+)\.scope(?=\/|$)/,
  },
  // kubelet with the systemd driver over a runtime with the cgroupfs one: ...pod<uid>.slice:cri-containerd:<id>
  { name: "kubepods-mixed", pattern: /\/[^/]*kubepods[^/]*-pod[^/]+\.slice:[^/:]+:([^/:]+)(?=\/|$)/ },
  // kubelet, cgroupfs driver: /kubepods/burstable/pod<uid>/<id>
  {
    name: "kubepods-cgroupfs",
    pattern: /\/kubepods(?:\/(?:burstable|besteffort|guaranteed))?\/pod[^/]+\/([^/]+)(?=\/|$)/,
  },
  { name: "docker", pattern: new RegExp(`/docker/(${ID})(?=/|$)`) },
  // docker, podman, nerdctl, CRI-O and others with the systemd driver: <runtime>-<id>.scope; conmon is no container
  {
    name: "systemd-scope",
    pattern: new RegExp(
      `/(?!\\w+-conmon-)(?:docker|libpod|nerdctl|crio|cri-containerd|buildah)-(${ID})\\.scope(?=/|$)`,
    ),
  },
  { name: "podman-cgroupfs", pattern: new RegExp(`/libpod_parent/libpod-(${ID})(?=/|$)`) },
  // containerd's namespaces, with ctr
  { name: "containerd", pattern: new RegExp(`^/(?:default|moby|k8s\\.io)/(${ID}|[\\w.-]+)(?=/|$)`) },
  { name: "ecs", pattern: /\/ecs\/[^/]+\/([^/]+)(?=\/|$)/ },
  { name: "lxc", pattern: /\/lxc\.payload(?:\.|\/)([^/]+)(?=\/|$)/ },
  { name: "lxc-legacy", pattern: /^\/lxc\/([^/]+)(?=\/|$)/ },
  // systemd-nspawn runs its own supervisor in a sub-cgroup: that one is of the host
  {
    name: "nspawn",
    pattern: /\/machine\.slice\/(?:machine-|systemd-nspawn@)([^/]+)\.(?:scope|service)(?!\/supervisor)(?=\/|$)/,
  },
  { name: "procview", pattern: /\/procview\/(run-[^/]+)(?=\/|$)/ },
];

const GLOBAL_PATTERNS = CONTAINER_RULES.map(({ name, pattern }) => ({ name, pattern: new RegExp(pattern, "g") }));

export interface RuleMatch {
  rule: string;
  id: string;
  /** The container's own cgroup: the path up to the end of the match. */
  path: string;
}

/** The innermost container that a cgroup path lies in, or undefined where no rule knows one. */
export function matchContainer(path: string): RuleMatch | undefined {
  let best: RuleMatch | undefined;
  for (const { name, pattern } of GLOBAL_PATTERNS) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(path); match !== null; match = pattern.exec(path)) {
      const end = pattern.lastIndex;
      if (best === undefined || end > best.path.length)
        best = { rule: name, id: match[1] ?? "", path: path.slice(0, end) };
    }
  }
  return best;
}
