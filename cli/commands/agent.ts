// procview agent: the node agent. Serves the tree at ROOT/fs for all containers of the node, and never lets go of it.

import { resolve } from "node:path";
import { Command, Option } from "commander";
import { type AgentOptions, KEEPER_KINDS, type KeeperKind } from "../../node-agent/agent/agent-options.ts";
import type { Companion } from "../../node-agent/agent/run-agent.ts";
import type { AgentMetrics } from "../../node-agent/telemetry/agent-metrics.ts";
import type { Logger, LogLevel } from "../../node-agent/telemetry/log.ts";
import { applyConfigFile, applyEnvironment } from "../config-file.ts";
import { parseDuration, parseListen, parseMountNamespace } from "../option-values.ts";
import { requireFuse, requireRoot } from "../preconditions.ts";
import { addServerFlags, type ServerFlags, serverOptions } from "../server-flags.ts";

interface AgentFlags extends ServerFlags {
  root: string;
  listen: { host: string; port: number };
  keeper: KeeperKind;
  grace: number;
  keeperCgroup: string;
  hostMountNamespace?: string;
  hangTimeout: number;
  probeTimeout: number;
  unmountOnExit: boolean;
  heal: boolean;
  logLevel: LogLevel;
  config?: string;
}

const LOG_LEVELS = ["debug", "info", "warn", "error"];

const duration = (flag: string, help: string, millis: number): Option =>
  new Option(`--${flag} <duration>`, help)
    .argParser((text) => parseDuration(`--${flag}`, text))
    .default(millis, `${millis / 1000}s`);

export const agentCommand: Command = addServerFlags(
  new Command("agent")
    .description("serve all containers of this node at DIR/fs; the next agent goes on where this one ends")
    .addOption(new Option("--root <dir>", "where the agent keeps what it has on the node").default("/var/lib/procview"))
    .addOption(
      new Option("--listen <address>", "where to answer /healthz, /readyz and /metrics; port 0 takes any")
        .argParser(parseListen)
        .default({ host: "127.0.0.1", port: 9464 }, "127.0.0.1:9464"),
    )
    .addOption(
      new Option("--keeper <kind>", "who holds the session while no agent runs")
        .choices(KEEPER_KINDS)
        .default("process"),
    )
    .addOption(duration("grace", "how long the keeper waits for an agent before readers get the host's files", 60_000))
    .addOption(
      new Option("--keeper-cgroup <name>", "cgroup of the keeper, at the root of each hierarchy").default(
        "procview-keeper",
      ),
    )
    .addOption(
      new Option("--host-mount-namespace <file>", "mount in that namespace, such as /proc/1/ns/mnt").argParser(
        parseMountNamespace,
      ),
    )
    .addOption(duration("hang-timeout", "replace a file-system process that gives no sign of life for so long", 2000))
    .addOption(duration("probe-timeout", "how long a read through the mount may take for /readyz", 2000))
    .addOption(
      new Option("--unmount-on-exit", "end the session with the agent: containers lose their files").default(false),
    )
    .option("--no-heal", "leave the mounts of containers alone, stale ones too")
    .addOption(new Option("--log-level <level>", "least level to log").choices(LOG_LEVELS).default("info")),
)
  .addOption(
    new Option("--config <file>", "options in YAML or JSON, by name without dashes; flags and environment win"),
  )
  .addHelpText(
    "after",
    '\nEvery option is also read from the environment: --hang-timeout from PROCVIEW_HANG_TIMEOUT.\nIn a file it is "hang-timeout: 2s".',
  )
  .action(async (_flags: AgentFlags, command: Command) => {
    requireRoot();
    requireFuse();
    applyEnvironment(command, process.env);
    const { config } = command.opts<AgentFlags>();
    if (config !== undefined) await applyConfigFile(command, config);
    await serve(command.opts<AgentFlags>());
  });

async function serve(flags: AgentFlags): Promise<void> {
  const { createLog } = await import("../../node-agent/telemetry/log.ts");
  const { createAgentMetrics } = await import("../../node-agent/telemetry/agent-metrics.ts");
  const { runAgent } = await import("../../node-agent/agent/run-agent.ts");
  const home = homePid(flags);
  if (home !== "self") {
    const { joinCgroupNamespaceOf } = await import("../../node-agent/linux/cgroup-namespace.ts");
    joinCgroupNamespaceOf(home);
  }
  const [options, log, metrics] = [agentOptions(flags), createLog(flags.logLevel), createAgentMetrics()];
  await runAgent(options, log, metrics, flags.heal ? [await healer(options, home, log, metrics)] : []);
}

/** The process whose namespaces the host's are. */
function homePid({ hostMountNamespace }: AgentFlags): number | "self" {
  return hostMountNamespace === undefined ? "self" : Number(hostMountNamespace.split("/")[2]);
}

async function healer(
  { root }: AgentOptions,
  home: number | "self",
  log: Logger,
  { registry }: AgentMetrics,
): Promise<Companion> {
  const { healing } = await import("../../node-agent/agent/healing.ts");
  const { createAttachMetrics } = await import("../../node-agent/telemetry/attach-metrics.ts");
  return healing(`${root}/fs`, home, log, createAttachMetrics(registry));
}

function agentOptions(flags: AgentFlags): AgentOptions {
  return {
    root: resolve(flags.root),
    listen: flags.listen,
    server: serverOptions(flags),
    keeper: flags.keeper,
    graceSeconds: flags.grace / 1000,
    keeperCgroup: flags.keeperCgroup,
    hostMountNamespace: flags.hostMountNamespace,
    hangMillis: flags.hangTimeout,
    probeMillis: flags.probeTimeout,
    unmountOnExit: flags.unmountOnExit,
  };
}
