// What `procview doctor` makes of the facts of a machine: one function a question, pure. THE list.

import type { Facts } from "./facts.ts";

export interface Finding {
  about: string;
  /** "bad" keeps procview from working. */
  verdict: "good" | "note" | "bad";
  found: string;
  remedy?: string;
}

type Question = (facts: Facts) => Finding;

const OLDEST = [5, 12] as const;
const RESEND = [6, 9] as const;

const QUESTIONS: readonly Question[] = [
  ({ root }) => verdict("root", root, root ? "yes" : "no", "run it as root, with CAP_SYS_ADMIN and CAP_SYS_PTRACE"),
  ({ kernel }) =>
    verdict("kernel", isAtLeast(kernel, OLDEST), kernel, "Linux 5.12 or later is needed, for mount_setattr(2)"),
  ({ kernel }) =>
    isAtLeast(kernel, RESEND)
      ? good("requests of a server that died", "are sent again by the kernel (FUSE_NOTIFY_RESEND)")
      : note("requests of a server that died", "stay unanswered by kernels before 6.9", "Linux 6.9 or later is better"),
  ({ fuseDevice }) =>
    verdict("/dev/fuse", fuseDevice, fuseDevice ? "there" : "missing", '"modprobe fuse", or pass the device in'),
  ({ cgroups }) => verdict("cgroups", cgroups !== "none", cgroups, "mount a cgroup file system at /sys/fs/cgroup"),
  ({ controllers }) => {
    const missing = ["memory", "cpu", "cpuset"].filter((name) => !controllers.includes(name));
    if (missing.length === 0) return good("controllers", controllers.join(" "));
    return note("controllers", `without ${missing.join(" ")}`, "cgroup_enable=memory on the kernel's command line");
  },
  ({ pressure }) =>
    pressure ? good("pressure", "there") : note("pressure", "not in this kernel", "boot with psi=1 for /proc/pressure"),
  ({ hostPids }) =>
    verdict("pid namespace", hostPids, hostPids ? "the host's" : "a container's", "set hostPID: true, or --pid=host"),
  ({ rootPropagation }) =>
    rootPropagation === "shared"
      ? good("propagation of /", "shared")
      : note(
          "propagation of /",
          rootPropagation,
          'an agent in a container needs "mount --make-rshared /" to mount on the host; on the host itself it is fine',
        ),
  ({ runtimes }) => good("runtimes", runtimes.length === 0 ? "none listens; none is needed" : runtimes.join(" ")),
  ({ mountRoot, mounted, answers }) => {
    if (answers) return good(mountRoot, "answers");
    if (!mounted) return note(mountRoot, "not mounted", `start "procview mount ${mountRoot}"`);
    return {
      about: mountRoot,
      verdict: "bad",
      found: "a dead mount",
      remedy: '"procview prestart", then start the server',
    };
  },
];

export function findingsOf(facts: Facts): Finding[] {
  return QUESTIONS.map((question) => question(facts));
}

export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  return findings
    .map(({ verdict: word, about, found, remedy }) => {
      const line = `${word.padEnd(4)}  ${about.padEnd(width)}  ${found}`;
      return remedy === undefined || word === "good" ? `${line}\n` : `${line}\n${" ".repeat(width + 8)}${remedy}\n`;
    })
    .join("");
}

function good(about: string, found: string): Finding {
  return { about, verdict: "good", found };
}

function note(about: string, found: string, remedy: string): Finding {
  return { about, verdict: "note", found, remedy };
}

function verdict(about: string, isGood: boolean, found: string, remedy: string): Finding {
  return isGood ? good(about, found) : { about, verdict: "bad", found, remedy };
}

function isAtLeast(release: string, [major, minor]: readonly [number, number]): boolean {
  const [have = 0, haveMinor = 0] = release.split(/[.-]/).map(Number);
  return have > major || (have === major && haveMinor >= minor);
}
