// The command line: commands as data, one place where errors become exit statuses.

import { Command, CommanderError } from "commander";
import { version } from "../contract/version.ts";
import { agentCommand } from "./commands/agent.ts";
import { attachCommand } from "./commands/attach.ts";
import { checkCommand } from "./commands/check.ts";
import { detachCommand } from "./commands/detach.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { hookCommand } from "./commands/hook.ts";
import { injectCommand } from "./commands/inject.ts";
import { kubectlCommand } from "./commands/kubectl.ts";
import { mountCommand } from "./commands/mount.ts";
import { prestartCommand } from "./commands/prestart.ts";
import { remountCommand } from "./commands/remount.ts";
import { runCommand } from "./commands/run.ts";
import { showCommand } from "./commands/show.ts";
import { statusCommand } from "./commands/status.ts";
import { umountCommand } from "./commands/umount.ts";
import { uninstallCommand } from "./commands/uninstall.ts";
import { versionCommand } from "./commands/version.ts";
import { webhookCommand } from "./commands/webhook.ts";
import { CliError, EXIT_CODES, type ExitCause } from "./exit-codes.ts";
import { warn } from "./output.ts";

export const COMMANDS: readonly Command[] = [
  runCommand,
  mountCommand,
  agentCommand,
  showCommand,
  explainCommand,
  injectCommand,
  webhookCommand,
  kubectlCommand,
  uninstallCommand,
  statusCommand,
  checkCommand,
  attachCommand,
  detachCommand,
  remountCommand,
  umountCommand,
  hookCommand,
  prestartCommand,
  doctorCommand,
  versionCommand,
];

const EXIT_CODE_HELP = Object.values(EXIT_CODES)
  .map(({ status, meaning }) => `  ${String(status).padStart(3)}  ${meaning}`)
  .join("\n");

/** The whole command line. Every command throws instead of exiting. */
export function program(): Command {
  const root = new Command("procview")
    .description("Makes a container's /proc and /sys/devices/system/cpu show the container, not the machine.")
    .version(version, "-V, --version")
    .enablePositionalOptions()
    .showHelpAfterError("(add --help for what there is)")
    .addHelpText("after", `\nExit statuses:\n${EXIT_CODE_HELP}`)
    .exitOverride();
  for (const command of COMMANDS) root.addCommand(command.copyInheritedSettings(root));
  return root;
}

/** Runs one command line and returns its exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(argv, { from: "user" });
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
