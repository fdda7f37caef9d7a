// Exit statuses, one a cause: THE table, printed by `procview --help` and in the README. They lie above 100, so that
// `run` leaves the statuses that programs use to the program it runs.

export const EXIT_CODES = {
  ok: { status: 0, meaning: "Success; `run` exits with the status of its command" },
  fault: { status: 100, meaning: "A fault of procview itself; please report it" },
  usage: { status: 101, meaning: "Unknown command or option, or a value it does not take" },
  notRoot: { status: 102, meaning: "Not root" },
  noFuse: { status: 103, meaning: "/dev/fuse is missing or may not be opened" },
  noDelegation: { status: 104, meaning: "A cgroup cannot be made or limited here" },
  alreadyMounted: { status: 105, meaning: "The directory is a mount point already" },
  deadMount: { status: 106, meaning: "The directory is a mount point whose server is gone" },
  notADirectory: { status: 107, meaning: "The mount point is not a directory" },
  badSize: { status: 108, meaning: "A size that is no size" },
  badCpuset: { status: 109, meaning: "A CPU list that is none, or names CPUs this machine does not have" },
  noProcess: { status: 110, meaning: "No process has that pid" },
  noFile: { status: 111, meaning: "No virtual file has that name" },
  oldKernel: { status: 112, meaning: "The kernel lacks a system call; Linux 5.12 or later is needed" },
  badManifest: { status: 113, meaning: "A manifest cannot be read, is no YAML or holds no pod" },
  notClean: { status: 114, meaning: "`uninstall`: a node could not be cleaned, or its agent did not answer in time" },
  noCluster: { status: 115, meaning: "The API server cannot be reached, says no, or has no such object" },
  notServed: { status: 116, meaning: "No tree is served at the root, or it does not answer" },
  notHealed: { status: 117, meaning: "Files of a container are stale, show the host, or could not be attached" },
  noContainer: { status: 118, meaning: "No container has that id, or the process is in none" },
  unfit: { status: 119, meaning: "`doctor` found something that keeps procview from working" },
  notExecutable: { status: 126, meaning: "`run` found the command, but may not execute it" },
  notFound: { status: 127, meaning: "`run` did not find the command" },
} as const;

export type ExitCause = keyof typeof EXIT_CODES;

/** What a user can put right: told in one line, without a stack. */
export class CliError extends Error {
  readonly exitCause: ExitCause;

  constructor(exitCause: ExitCause, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.exitCause = exitCause;
  }
}
