// The pod of a container, as the kubelet names its cgroup.

import type { Container } from "./container.ts";

/** Rows of container-rules.ts that know pods begin so. */
const POD_RULES = "kubepods";

/** With underscores below systemd. */
const POD_UID = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?=[./]|$)/g;

/** Whether a kubelet has had it made, and it is in no other container. */
export function isOfPod({ rule }: Container): boolean {
  return rule.startsWith(POD_RULES);
}

/** As the API server has it; undefined for a container of no pod, and of a static pod, whose uid has another form. */
export function podUidOf(container: Container): string | undefined {
  if (!isOfPod(container)) return undefined;
  return [...container.identity.path.matchAll(POD_UID)].at(-1)?.[1]?.replaceAll("_", "-");
}
