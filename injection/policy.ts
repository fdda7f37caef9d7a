// What the operator of an installation chooses: the flags of `procview webhook`, the same for `procview inject`.

import { ALL_FILES } from "../contract/file-names.ts";
import { DEFAULT_ROOT } from "../contract/host-paths.ts";
import { INJECT_LABEL, type OptInLabel } from "../contract/labels.ts";
import type { ConfigurableTrait, Treatment } from "./traits.ts";

export interface Policy {
  /** The first that a pod, then its namespace, has a say in counts. */
  labels: readonly OptInLabel[];
  /** Paths of the tree. */
  files: readonly string[];
  /** Of these, what is left to the agent although a newer runtime would mount it: slabinfo, before runc 1.0.0-rc93. */
  attachFiles: readonly string[];
  /** Where the agent serves on the node. */
  root: string;
  excludedNamespaces: readonly string[];
  /** Names of runtime classes, or beginnings that end in "*". */
  runtimeClasses: readonly string[];
  treatments: Readonly<Record<ConfigurableTrait, Treatment>>;
  /** What namespaces without a Pod Security label enforce. */
  podSecurityDefault: string;
}

export const DEFAULT_POLICY: Policy = {
  labels: [INJECT_LABEL],
  files: ALL_FILES,
  attachFiles: [],
  root: DEFAULT_ROOT,
  excludedNamespaces: ["kube-system", "kube-public", "kube-node-lease"],
  runtimeClasses: ["gvisor*", "runsc*", "kata*", "sysbox*"],
  treatments: { hostPID: "skip", hostUsers: "skip", runtimeClass: "skip", sharedProcessNamespace: "mount" },
  podSecurityDefault: "privileged",
};
