// How it may stand with a file in a container, and what is done about it. THE tables.

export type State =
  /** The file of this container. */
  | "own"
  /** Served, but the inode is the host's, or another container's: the runtime resolved the path outside its cgroup. */
  | "host"
  | "other"
  /** Of a session that is lost: readers get ENOTCONN. */
  | "stale"
  /** The kernel's own file. */
  | "absent"
  /** The container has mounted something itself there. */
  | "covered"
  /** There is no procfs or sysfs where the file would be. */
  | "unreachable"
  /** What is mounted there would be mounted on the host as well. */
  | "shared";

export type Action = "keep" | "attach" | "reattach" | "replace" | "detach" | "leave";

export const WANTED: Readonly<Record<State, Action>> = {
  own: "keep",
  host: "replace",
  other: "replace",
  stale: "reattach",
  absent: "attach",
  covered: "leave",
  unreachable: "leave",
  shared: "leave",
};

export const UNWANTED: Readonly<Record<State, Action>> = {
  own: "detach",
  host: "detach",
  other: "detach",
  stale: "detach",
  absent: "keep",
  covered: "leave",
  unreachable: "keep",
  shared: "leave",
};

/** While nothing is served they wait: a dead file is no worse than the machine's numbers taken for the container's. */
export const NEEDS_SERVER: ReadonlySet<Action> = new Set<Action>(["attach", "reattach", "replace"]);

export const STATES: readonly State[] = Object.keys(WANTED) as State[];

const WORST_FIRST = ["stale", "host", "other", "own", "absent"] as const satisfies readonly State[];

/** A container is what its worst file is. */
export const CONTAINER_STATES = [...WORST_FIRST, "unknown"] as const;
export type ContainerState = (typeof CONTAINER_STATES)[number];

/** `files` are the states of all its files; a container whose files could not be looked at has none. */
export function containerState(files: readonly State[]): ContainerState {
  if (files.length === 0) return "unknown";
  return WORST_FIRST.find((state) => files.includes(state)) ?? "absent";
}
