// The command line: commands as data, one place where errors become exit statuses.

import { Command, CommanderError } from "commander";
import { version } from "../contract/version.ts";
import { CliError, EXIT_CODES, type ExitCause } from "./exit-codes.ts";
import { warn } from "./output.ts";

/** Loaded one by one: what a command imports is what its process keeps in memory for as long as it serves. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).runCommand,
  mount: async () => (await import("./commands/mount.ts")).mountCommand,
  agent: async () => (await import("./commands/agent.ts")).agentCommand,
  show: async () => (await import("./commands/show.ts")).showCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  inject: async () => (await import("./commands/inject.ts")).injectCommand,
  webhook: async () => (await import("./commands/webhook.ts")).webhookCommand,
  kubectl: async () => (await import("./commands/kubectl.ts")).kubectlCommand,
  uninstall: async () => (await import("./commands/uninstall.ts")).uninstallCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  attach: async () => (await import("./commands/attach.ts")).attachCommand,
  detach: async () => (await import("./commands/detach.ts")).detachCommand,
  remount: async () => (await import("./commands/remount.ts")).remountCommand,
  umount: async () => (await import("./commands/umount.ts")).umountCommand,
  hook: async () => (await import("./commands/hook.ts")).hookCommand,
  prestart: async () => (await import("./commands/prestart.ts")).prestartCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  version: async () => (await import("./commands/version.ts")).versionCommand,
};

const EXIT_CODE_HELP = Object.values(EXIT_CODES)
  .map(({ status, meaning }) => `  ${String(status).padStart(3)}  ${meaning}`)
  .join("\n");

/** The command line, whole or with but one command. Every command throws instead of exiting. */
export async function program(only?: string): Promise<Command> {
  const root = new Command("procview")
    .description("Makes a container's /proc and /sys/devices/system/cpu show the container, not the machine.")
    .version(version, "-V, --version")
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what there is)")
    .addHelpText("after", `\nExit statuses:\n${EXIT_CODE_HELP}`)
    .exitOverride();
  for (const [name, load] of Object.entries(COMMANDS)) {
    if (only === undefined || only === name) root.addCommand((await load()).copyInheritedSettings(root));
  }
  return root;
}

/** Runs one command line and returns its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const [name = ""] = argv;
    await (await program(Object.hasOwn(COMMANDS, name) ? name : undefined)).parseAsync(argv, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return statusOf(error);
  }
}

/** Errors of other rooms that a user can put right, by their name. */
const CAUSES: Readonly<Record<string, ExitCause>> = {
  DelegationError: "noDelegation",
  FuseDeviceError: "noFuse",
  NoClusterError: "noCluster",
};

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage.status;
  if (error instanceof CliError) return told(error.exitCause, error.message);
  if (!(error instanceof Error)) return told("fault", String(error));
  if ("code" in error && error.code === "ENOSYS")
    return told("oldKernel", `${error.message}; Linux 5.12 or later is needed`);
  const cause = CAUSES[error.name];
  return cause === undefined ? told("fault", error.stack ?? error.message) : told(cause, error.message);
}

function told(cause: ExitCause, text: string): number {
  warn(text);
  return EXIT_CODES[cause].status;
}
