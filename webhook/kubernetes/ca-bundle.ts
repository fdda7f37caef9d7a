// The caBundle of our MutatingWebhookConfiguration: set where it differs, all else of it left to whoever installed it.

import { type AdmissionregistrationV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { SelfCertificateOptions } from "../certificates/self-certificate.ts";
import { type JsonPatch, pointer } from "../json-patch.ts";

interface WebhookEntry {
  name?: string;
  clientConfig?: { caBundle?: string };
}

export function webhookCaBundle(api: AdmissionregistrationV1Api, name: string): SelfCertificateOptions["caBundle"] {
  return {
    async ensure(authorities) {
      const { webhooks } = await api.readMutatingWebhookConfiguration({ name });
      const body = caBundlePatch(webhooks ?? [], authorities);
      if (body.length === 0) return;
      await api.patchMutatingWebhookConfiguration(
        { name, body },
        setHeaderOptions("Content-Type", PatchStrategy.JsonPatch),
      );
    },
  };
}

/** Names what it changes by place; a test that the place is still the one that was read makes it safe. */
export function caBundlePatch(
  webhooks: readonly WebhookEntry[],
  authorities: string,
): (JsonPatch[number] | { op: "test"; path: string; value: unknown })[] {
  const value = Buffer.from(authorities).toString("base64");
  return webhooks.flatMap(({ name, clientConfig }, index) =>
    clientConfig?.caBundle === value
      ? []
      : [
          { op: "test" as const, path: pointer("webhooks", index, "name"), value: name },
          { op: "add" as const, path: pointer("webhooks", index, "clientConfig", "caBundle"), value },
        ],
  );
}
