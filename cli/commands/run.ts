// procview run [limits] -- COMMAND: a command in a cgroup of its own, with a /proc that shows that cgroup.

import { Command } from "commander";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { parseCpuList } from "../../node-agent/procfs/cpu-list.ts";
import type { RunLimits } from "../../node-agent/runner/run-limits.ts";
import { CliError } from "../exit-codes.ts";
import { parseCount, parseCpus, parseCpuset, parseSize } from "../option-values.ts";
import { warn } from "../output.ts";
import { requireCommand, requireFuse, requireRoot } from "../preconditions.ts";
import { addServerFlags, type ServerFlags, serverOptions } from "../server-flags.ts";

interface RunFlags extends ServerFlags {
  memory?: number;
  memorySwap?: number | "max";
  cpus?: number;
  cpuset?: string;
  pids?: number;
}

export const runCommand: Command = addServerFlags(
  new Command("run")
    .description("run a command with limits, in a /proc that shows them")
    .argument("<command...>", "the command and its arguments, after --")
    .option("-m, --memory <size>", "memory limit, such as 200m", (text) => parseSize("--memory", text))
    .option("--memory-swap <size>", "memory and swap together, -1 for no limit", parseMemorySwap)
    .option("--cpus <n>", "CPU quota, such as 1.5", parseCpus)
    .option("--cpuset <list>", "CPUs to run on, such as 0-3,5")
    .option("--pids <n>", "how many processes and threads there may be", (text) => parseCount("--pids", text)),
)
  .passThroughOptions()
  .action(async (command: string[], flags: RunFlags) => {
    requireRoot();
    requireFuse();
    const limits = limitsOf(flags);
    requireCommand(command[0] as string, process.env["PATH"] ?? "");
    const { run } = await import("../../node-agent/runner/run.ts");
    process.exitCode = await run({ command, limits, server: serverOptions(flags), warn });
  });

function parseMemorySwap(text: string): number | "max" {
  return text === "-1" ? "max" : parseSize("--memory-swap", text);
}

function limitsOf({ memory, memorySwap, cpus, cpuset, pids }: RunFlags): RunLimits {
  if (memorySwap !== undefined && memory === undefined) {
    throw new CliError("usage", "--memory-swap is memory and swap together; give --memory too");
  }
  if (memorySwap !== undefined && memorySwap !== "max" && memorySwap < (memory ?? 0)) {
    throw new CliError("usage", "--memory-swap is memory and swap together and must not be less than --memory");
  }
  const online = (): number[] => parseCpuList(new HostFiles().text("sys/devices/system/cpu/online"));
  return {
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(memorySwap === undefined ? {} : { memorySwapBytes: memorySwap }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(cpuset === undefined ? {} : { cpuset: parseCpuset(cpuset, online()) }),
    ...(pids === undefined ? {} : { pids }),
  };
}
