// Where things lie on a node: what the agent serves and what the webhook mounts must be the same place.

/** What procview owns on a node. */
export const DEFAULT_ROOT = "/var/lib/procview";

/** The mount of the tree, below the root: `proc/meminfo` is at ROOT/fs/proc/meminfo. */
export function treeBelow(root: string): string {
  return `${root.replace(/\/+$/, "")}/fs`;
}
