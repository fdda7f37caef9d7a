// Flags that `webhook`, `inject` and `agent` share: who is injected, with what.

import { type Command, Option } from "commander";
import { FILE_NAMES } from "../contract/file-names.ts";
import type { OptInLabel } from "../contract/labels.ts";
import { DEFAULT_POLICY, type Policy } from "../injection/policy.ts";
import { CONFIGURABLE_TRAITS, type ConfigurableTrait, TREATMENTS, type Treatment } from "../injection/traits.ts";
import { CliError } from "./exit-codes.ts";
import { parseFiles } from "./option-values.ts";

export interface OptInFlags {
  label?: OptInLabel[];
  attachFiles: string[];
  excludeNamespace?: string[];
  sandbox?: string[];
  treat?: [ConfigurableTrait, Treatment][];
  podSecurityDefault: string;
}

export interface PolicyFlags extends OptInFlags {
  files: string[];
  root: string;
}

export function addPolicyFlags(command: Command): Command {
  return addOptInFlags(command)
    .addOption(
      new Option("--files <list>", `inject only these of ${FILE_NAMES.join(",")}`)
        .argParser(parseFiles)
        .default([...DEFAULT_POLICY.files], "all"),
    )
    .option("--root <dir>", "where the agent serves on the nodes", DEFAULT_POLICY.root);
}

/** Those that an agent takes too: it has files and a root of its own. */
export function addOptInFlags(command: Command): Command {
  return command
    .addOption(
      repeated(
        "--label <key=enabled:disabled>",
        "label that opts in and out, instead of procview.io/inject",
        parseLabel,
      ),
    )
    .addOption(
      new Option("--attach-files <list>", "leave these to the agent, such as slabinfo before runc 1.0.0-rc93")
        .argParser(parseFiles)
        .default([], "what no runtime mounts"),
    )
    .addOption(
      repeated(
        "--exclude-namespace <name>",
        `namespace that is left alone, instead of ${DEFAULT_POLICY.excludedNamespaces.join(", ")}`,
        (name) => name,
      ),
    )
    .addOption(
      repeated(
        "--sandbox <name>",
        `runtimeClassName with a /proc of its own, instead of ${DEFAULT_POLICY.runtimeClasses.join(", ")}`,
        (name) => name,
      ),
    )
    .addOption(
      repeated(
        "--treat <trait=treatment>",
        `${CONFIGURABLE_TRAITS.join(", ")} = ${TREATMENTS.join(", ")}`,
        parseTreatment,
      ),
    )
    .addOption(
      new Option("--pod-security-default <level>", "what namespaces enforce that have no Pod Security label")
        .choices(["privileged", "baseline", "restricted"])
        .default(DEFAULT_POLICY.podSecurityDefault),
    );
}

export function policyOf(flags: PolicyFlags): Policy {
  return {
    labels: flags.label ?? DEFAULT_POLICY.labels,
    files: flags.files,
    attachFiles: flags.attachFiles,
    root: flags.root,
    excludedNamespaces: flags.excludeNamespace ?? DEFAULT_POLICY.excludedNamespaces,
    runtimeClasses: flags.sandbox ?? DEFAULT_POLICY.runtimeClasses,
    treatments: { ...DEFAULT_POLICY.treatments, ...Object.fromEntries(flags.treat ?? []) },
    podSecurityDefault: flags.podSecurityDefault,
  };
}

function repeated<Value>(flags: string, description: string, parse: (text: string) => Value): Option {
  return new Option(flags, `${description}; may be repeated`).argParser((text, values: Value[] | undefined) => [
    ...(values ?? []),
    parse(text),
  ]);
}

/** "mount-lxcfs=enabled", "procview.io/inject=on:off" */
export function parseLabel(text: string): OptInLabel {
  const match = /^([^=:]+)=([^=:]+)(?::([^=:]+))?$/.exec(text);
  const [, key, enabled, disabled = "disabled"] = match ?? [];
  if (key === undefined || enabled === undefined || enabled === disabled) {
    throw new CliError("usage", `--label "${text}" is no label; write for example mount-lxcfs=enabled:disabled`);
  }
  return { key, enabled, disabled };
}

function parseTreatment(text: string): [ConfigurableTrait, Treatment] {
  const [left, right] = text.split("=");
  const trait = CONFIGURABLE_TRAITS.find((name) => name === left);
  const treatment = TREATMENTS.find((name) => name === right);
  if (trait === undefined || treatment === undefined) {
    throw new CliError(
      "usage",
      `--treat "${text}" is no treatment; write one of ${CONFIGURABLE_TRAITS.join(", ")}, "=", one of ${TREATMENTS.join(", ")}`,
    );
  }
  return [trait, treatment];
}
