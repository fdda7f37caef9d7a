// procview agent: the node agent. Serves the tree at ROOT/fs for all containers of the node, and never lets go of it.

import { dirname, join, resolve } from "node:path";
import { Command, Option } from "commander";
import { type AgentOptions, KEEPER_KINDS, type KeeperKind } from "../../node-agent/agent/agent-options.ts";
import type { Healing } from "../../node-agent/agent/healing.ts";
import type { InCluster } from "../../node-agent/agent/in-cluster.ts";
import type { ContainerReport } from "../../node-agent/attach/round.ts";
import type { HostFiles } from "../../node-agent/host/host-files.ts";
import { SERVICE_ACCOUNT } from "../../node-agent/kube/api-access.ts";
import type { AgentMetrics } from "../../node-agent/telemetry/agent-metrics.ts";
import type { Logger, LogLevel } from "../../node-agent/telemetry/log.ts";
import { applyConfigFile, applyEnvironment } from "../config-file.ts";
import { CliError } from "../exit-codes.ts";
import { parseDuration, parseListen } from "../option-values.ts";
import { addOptInFlags, type OptInFlags, policyOf } from "../policy-flags.ts";
import { requireFuse, requireRoot } from "../preconditions.ts";
import { addServerFlags, type ServerFlags, serverOptions } from "../server-flags.ts";

interface AgentFlags extends ServerFlags, OptInFlags {
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
  kubernetes?: true;
  nodeName?: string;
  podName?: string;
  podNamespace?: string;
  serviceAccount: string;
  startupTaint?: string;
  logLevel: LogLevel;
  config?: string;
}

const LOG_LEVELS = ["debug", "info", "warn", "error"];

const duration = (flag: string, help: string, millis: number): Option =>
  new Option(`--${flag} <duration>`, help)
    .argParser((text) => parseDuration(`--${flag}`, text))
    .default(millis, `${millis / 1000}s`);

/** What hangs on pods and nodes of a cluster. */
function addClusterFlags(command: Command): Command {
  const self = (flag: string, help: string, variable: string): Option => new Option(flag, help).env(variable);
  const flags = command
    .option(
      "--kubernetes",
      "watch the pods of this node: attach to those that opt in, tell them so, clean up when told",
    )
    .addOption(self("--node-name <name>", "the Node that this is", "NODE_NAME"))
    .addOption(self("--pod-name <name>", "the agent's own pod, by which it is told to uninstall", "POD_NAME"))
    .addOption(self("--pod-namespace <name>", "the namespace of that pod", "POD_NAMESPACE"))
    .option("--service-account <dir>", "where the pod has its token and ca.crt", SERVICE_ACCOUNT)
    .option("--startup-taint <key>", "taint of the Node that is removed once the agent serves");
  return addOptInFlags(flags);
}

const base: Command = addServerFlags(
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
    .addOption(new Option("--host-mount-namespace <file>", "mount in that namespace, such as /proc/1/ns/mnt"))
    .addOption(duration("hang-timeout", "replace a file-system process that gives no sign of life for so long", 2000))
    .addOption(duration("probe-timeout", "how long a read through the mount may take for /readyz", 2000))
    .addOption(
      new Option("--unmount-on-exit", "end the session with the agent: containers lose their files").default(false),
    )
    .option("--no-heal", "leave the mounts of containers alone, stale ones too")
    .addOption(new Option("--log-level <level>", "least level to log").choices(LOG_LEVELS).default("info")),
);

export const agentCommand: Command = addClusterFlags(base)
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
  if (flags.hostMountNamespace !== undefined) await seeCgroupsOf(flags.hostMountNamespace);
  const { createLog } = await import("../../node-agent/telemetry/log.ts");
  const { createAgentMetrics } = await import("../../node-agent/telemetry/agent-metrics.ts");
  const { runAgent } = await import("../../node-agent/agent/run-agent.ts");
  const [options, log, metrics] = [agentOptions(flags), createLog(flags.logLevel), createAgentMetrics()];
  const cluster = flags.kubernetes === undefined ? undefined : await inCluster(flags, log, metrics);
  const heals = flags.heal ? await healer(options, cluster, log, metrics) : undefined;
  if (heals !== undefined) cluster?.healWith(heals);
  await runAgent(options, log, metrics, {
    companions: [heals, cluster].filter((companion) => companion !== undefined),
    report: () => cluster?.report(),
  });
}

/** Where mounts are the host's, cgroups have to be: in a container they may be told from the container's own. */
async function seeCgroupsOf(mountNamespace: string): Promise<void> {
  const { enterCgroupNamespace } = await import("../../node-agent/linux/cgroup-namespace.ts");
  enterCgroupNamespace(join(dirname(mountNamespace), "cgroup"));
}

async function healer(
  agent: AgentOptions,
  cluster: InCluster | undefined,
  log: Logger,
  { registry }: AgentMetrics,
): Promise<Healing> {
  const { healing } = await import("../../node-agent/agent/healing.ts");
  const { asTheyAreAndComplete } = await import("../../node-agent/attach/wanted.ts");
  const { createAttachMetrics } = await import("../../node-agent/telemetry/attach-metrics.ts");
  const options = {
    agent,
    wanted: (files: HostFiles) => cluster?.wanted(files) ?? asTheyAreAndComplete(files),
    wentRound: (reports: readonly ContainerReport[]) => cluster?.wentRound(reports),
  };
  return healing(options, log, createAttachMetrics(registry));
}

/** Loaded only there: TLS and what decides about pods take memory. Throws CliError for a node or pod that has no name. */
async function inCluster(flags: AgentFlags, log: Logger, { registry }: AgentMetrics): Promise<InCluster> {
  const { nodeName: node, podName, podNamespace, startupTaint, serviceAccount } = flags;
  if (node === undefined)
    throw new CliError("usage", "--kubernetes needs --node-name, or NODE_NAME in the environment");
  const { InCluster: Started } = await import("../../node-agent/agent/in-cluster.ts");
  const { createKubeMetrics } = await import("../../node-agent/telemetry/kube-metrics.ts");
  const ownPod =
    podName !== undefined && podNamespace !== undefined ? { name: podName, namespace: podNamespace } : undefined;
  const root = resolve(flags.root);
  return new Started(
    { root, node, ownPod, serviceAccount, startupTaint, policy: policyOf({ ...flags, root }) },
    log,
    createKubeMetrics(registry),
  );
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
