// The process that `show` and `explain` speak of, and the container it is in.

import { type Command, Option } from "commander";
import type { Container } from "../node-agent/container/container.ts";
import { Containers } from "../node-agent/container/containers.ts";
import { findHierarchies } from "../node-agent/container/hierarchies.ts";
import { ContainerResolver } from "../node-agent/container/resolve-container.ts";
import { HostFiles } from "../node-agent/host/host-files.ts";
import { Ledger, shareLedger } from "../node-agent/ledger/ledger.ts";
import { parseCpuList } from "../node-agent/procfs/cpu-list.ts";
import { FileRenderer } from "../node-agent/render/render-file.ts";
import type { ViewOptions } from "../node-agent/view/view-options.ts";
import { CliError } from "./exit-codes.ts";
import { parseCount } from "./option-values.ts";

export interface SubjectFlags {
  pid?: number;
  json?: boolean;
  pathProcfs: string;
  pathSysfs: string;
}

export interface Subject {
  pid: number;
  files: HostFiles;
  container: Container | "host";
}

export function addSubjectFlags(command: Command): Command {
  return command
    .option("--pid <pid>", "the process that looks; this one if not given", (text) => parseCount("--pid", text))
    .option("--json", "print JSON")
    .addOption(new Option("--path-procfs <dir>", "where the host's procfs is").default("/proc"))
    .addOption(new Option("--path-sysfs <dir>", "where the host's sysfs is").default("/sys"));
}

/** Renders once: what needs history (load) has none. */
export function rendererFor(files: HostFiles, options: ViewOptions, cpuinfo32?: string): FileRenderer {
  const possibleCpus = parseCpuList(files.text("sys/devices/system/cpu/possible"));
  const ledger = new Ledger(shareLedger(Math.max(...possibleCpus) + 1));
  return new FileRenderer(files, ledger, { view: options, now: () => performance.now(), cpuinfo32 });
}

/** Throws CliError for a pid that no process has. */
export function subjectOf({ pid = process.pid, pathProcfs, pathSysfs }: SubjectFlags): Subject {
  const files = new HostFiles({ procfs: pathProcfs, sysfs: pathSysfs });
  const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));
  const resolution = containers.ofThread(pid);
  if (resolution === "gone") throw new CliError("noProcess", `There is no process ${pid}; "ps -e" lists them`);
  return { pid, files, container: resolution };
}
