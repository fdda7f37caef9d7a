// procview webhook: the mutating admission webhook, in a cluster. Ends after SIGTERM, when the last review is answered.

import { Command, Option } from "commander";
import { parseCount, parseDuration, parseSize } from "../option-values.ts";
import { addPolicyFlags, type PolicyFlags, policyOf } from "../policy-flags.ts";

interface WebhookFlags extends PolicyFlags {
  port: number;
  operationsPort: number;
  bodyLimit: number;
  drain: number;
  logLevel: string;
  tlsDirectory?: string;
  namespace: string;
  service: string;
  secret: string;
  lease: string;
  configuration: string;
}

const LOG_LEVELS = ["debug", "info", "warn", "error"];

export const webhookCommand: Command = addPolicyFlags(
  new Command("webhook")
    .description("serve the mutating admission webhook that injects pods; runs until told to end")
    .addOption(counted("--port <port>", "where the API server sends reviews, over TLS", 8443))
    .addOption(counted("--operations-port <port>", "/healthz, /readyz and /metrics, in plain HTTP", 8080))
    .option("--tls-directory <dir>", "tls.crt and tls.key, read again as they change; without it they are made here")
    .option("--service <name>", "Service that the certificate is for", "procview-webhook")
    .addOption(
      new Option("--namespace <name>", "namespace of the webhook; its pods are left alone")
        .env("POD_NAMESPACE")
        .default("procview-system"),
    )
    .option("--secret <name>", "Secret that keeps the certificates made here", "procview-webhook-tls")
    .option("--lease <name>", "Lease of the replica that renews them", "procview-webhook")
    .option("--configuration <name>", "MutatingWebhookConfiguration whose caBundle is kept right", "procview")
    .addOption(
      new Option("--body-limit <size>", "largest review that is read")
        .argParser((text) => parseSize("--body-limit", text))
        .default(4 * 2 ** 20, "4m"),
    )
    .addOption(
      new Option("--drain <duration>", "how long it serves on once told to end")
        .argParser((text) => parseDuration("--drain", text))
        .default(5000, "5s"),
    )
    .addOption(new Option("--log-level <level>", "what is logged, as JSON lines").choices(LOG_LEVELS).default("info")),
).action(async (flags: WebhookFlags) => {
  const { startWebhook } = await import("../../webhook/start-webhook.ts");
  const policy = policyOf(flags);
  await startWebhook({
    ...flags,
    policy: { ...policy, excludedNamespaces: [...policy.excludedNamespaces, flags.namespace] },
    bodyLimitBytes: flags.bodyLimit,
    drainMillis: flags.drain,
    tlsDirectory: flags.tlsDirectory,
  });
});

function counted(flags: string, description: string, value: number): Option {
  const name = flags.split(" ")[0] ?? flags;
  return new Option(flags, description).argParser((text) => parseCount(name, text)).default(value);
}
