// Whose inodes are mounted where: a mount keeps its inode for good, so each is asked once.

type Owners = ReadonlyMap<number, number>;

export class KnownOwners {
  readonly #byNamespace = new Map<number, Owners>();

  /** Mount ids and keys of a mount namespace. */
  of(namespace: number): readonly (readonly [number, number])[] {
    return [...(this.#byNamespace.get(namespace) ?? [])];
  }

  learn(namespace: number, owners: readonly (readonly [number, number])[]): void {
    if (owners.length > 0) this.#byNamespace.set(namespace, new Map(owners));
  }

  /** What was mounted there has changed, and mount ids are used again. */
  forget(namespace: number): void {
    this.#byNamespace.delete(namespace);
  }

  /** Forgets namespaces that are gone. */
  keepOnly(namespaces: ReadonlySet<number>): void {
    for (const namespace of this.#byNamespace.keys()) {
      if (!namespaces.has(namespace)) this.#byNamespace.delete(namespace);
    }
  }
}
