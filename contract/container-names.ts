// Whose a container is, by the runtime's id: what an agent leaves on its node for `procview status`.

export interface ContainerName {
  namespace: string;
  pod: string;
  container: string;
}

export type ContainerNames = Readonly<Record<string, ContainerName>>;

/** Below the root. */
export const CONTAINER_NAMES_FILE = "run/containers.json";

/** A file of another version, or half of one, names nothing. */
export function parseContainerNames(text: string): ContainerNames {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? (read as ContainerNames) : {};
  } catch {
    return {};
  }
}
