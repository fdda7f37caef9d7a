// The key of a container: 44 bits that name it as long as it exists, without any table. Bits 0-41 are the kernfs inode
// number of its cgroup directory, which the kernel does not reuse; bits 42-43 say in which hierarchy that directory is,
// since every hierarchy counts for itself.

/** Hierarchies that identify a container, in order of preference. Parts of node ids: only append, four at most. */
export const IDENTITY_HIERARCHIES = ["unified", "memory", "cpu", "name=systemd"] as const;

export type IdentityHierarchy = (typeof IDENTITY_HIERARCHIES)[number];

const INODE_LIMIT = 2 ** 42;

/** Throws RangeError for an inode number that the key cannot hold, which no kernel has reached. */
export function containerKey(hierarchy: IdentityHierarchy, inode: number): number {
  if (inode >= INODE_LIMIT) throw new RangeError(`Cgroup inode ${inode} exceeds 42 bits`);
  return IDENTITY_HIERARCHIES.indexOf(hierarchy) * INODE_LIMIT + inode;
}

export function hierarchyOfKey(key: number): IdentityHierarchy | undefined {
  return IDENTITY_HIERARCHIES[Math.floor(key / INODE_LIMIT)];
}

export function inodeOfKey(key: number): number {
  return key % INODE_LIMIT;
}
