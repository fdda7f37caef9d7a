// Flags that `run` and `mount` share: what is served, and how.

import { type Command, Option } from "commander";
import { CPU_VIEWS, type CpuView } from "../contract/cpu-views.ts";
import { ALL_FILES, FILE_NAMES } from "../contract/file-names.ts";
import { HOST_ROOTS } from "../node-agent/host/host-files.ts";
import type { ServerOptions } from "../node-agent/session/server-options.ts";
import type { ViewOptions } from "../node-agent/view/view-options.ts";
import { parseCount, parseDuration, parseFiles } from "./option-values.ts";

/** Each takes some 14 MiB; the second answers half as many requests again, where each read computes (--freshness 0). */
const DEFAULT_WORKERS = 1;
const DEFAULT_FRESHNESS_MILLIS = 100;

export interface ViewFlags {
  swap: boolean;
  loadavg: boolean;
  cpuView: CpuView;
  memoryHigh?: true;
}

export interface ServerFlags extends ViewFlags {
  files: string[];
  workers: number;
  freshness: number;
  trace?: boolean;
  resend: boolean;
}

/** Flags that say what is true of a container. */
export function addViewFlags(command: Command): Command {
  return command
    .option("--no-swap", "show no swap at all")
    .option("--no-loadavg", "show the load of the host")
    .option("--memory-high", "take memory.high for a limit, as memory.max is")
    .addOption(
      new Option("--cpu-view <view>", "count CPUs by quota and cpuset, by cpuset alone, or show the host's")
        .choices(CPU_VIEWS)
        .default("quota"),
    );
}

export function addServerFlags(command: Command): Command {
  return addViewFlags(command)
    .addOption(
      new Option("--files <list>", `serve only these of ${FILE_NAMES.join(",")}`)
        .argParser(parseFiles)
        .default([...ALL_FILES], "all"),
    )
    .addOption(
      new Option("--workers <n>", "threads that answer the kernel")
        .argParser((text) => parseCount("--workers", text))
        .default(DEFAULT_WORKERS),
    )
    .addOption(
      new Option("--freshness <duration>", "how old a number may be; 0 computes it at every read")
        .argParser((text) => parseDuration("--freshness", text))
        .default(DEFAULT_FRESHNESS_MILLIS, `${DEFAULT_FRESHNESS_MILLIS}ms`),
    )
    .option("--no-resend", "recover requests of a killed server by the journal, as on Linux before 6.9")
    .option("--trace", "print a line for every request of the kernel");
}

export function viewOptions({ swap, loadavg, cpuView, memoryHigh }: ViewFlags): ViewOptions {
  return { swap, loadavg, cpuView, memoryHigh: memoryHigh ?? false };
}

export function serverOptions(flags: ServerFlags): Omit<ServerOptions, "orphaned"> {
  return {
    workers: flags.workers,
    files: flags.files,
    freshnessMillis: flags.freshness,
    view: viewOptions(flags),
    roots: HOST_ROOTS,
    trace: flags.trace ?? false,
    resend: flags.resend,
  };
}
