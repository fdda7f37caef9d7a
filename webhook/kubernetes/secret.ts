// The Secret in which replicas share their certificates. The chart makes it, empty, and only its data is written: the
// webhook needs no right to make Secrets, and whoever made this one still knows it by its labels.

import { type CoreV1Api, PatchStrategy, setHeaderOptions, type V1Secret } from "@kubernetes/client-node";
import type { KeptCertificates } from "../certificates/kept-certificates.ts";
import type { SelfCertificateOptions } from "../certificates/self-certificate.ts";
import { ifFound } from "./errors.ts";

/** Member of the Secret's data by what it holds. */
const KEYS = {
  authorities: "ca.crt",
  authorityKey: "ca.key",
  certificate: "tls.crt",
  key: "tls.key",
} as const satisfies Readonly<Record<keyof KeptCertificates, string>>;

export function certificateSecret(api: CoreV1Api, namespace: string, name: string): SelfCertificateOptions["secret"] {
  return {
    async read() {
      const secret = await ifFound(api.readNamespacedSecret({ namespace, name }));
      return { kept: decode(secret), resourceVersion: secret?.metadata?.resourceVersion };
    },
    async write(kept, resourceVersion) {
      const data = encode(kept);
      if (resourceVersion === undefined) {
        await api.createNamespacedSecret({ namespace, body: { metadata: { name, namespace }, data } });
        return;
      }
      // Refused where another replica has written since.
      const body: V1Secret = { metadata: { resourceVersion }, data };
      await api.patchNamespacedSecret(
        { namespace, name, body },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      );
    },
  };
}

/** Undefined where any part is missing: an empty Secret, as a chart may make one, is none. */
function decode(secret: V1Secret | undefined): KeptCertificates | undefined {
  const read = (key: string): string => Buffer.from(secret?.data?.[key] ?? "", "base64").toString("utf8");
  const kept = {
    authorities: read(KEYS.authorities),
    authorityKey: read(KEYS.authorityKey),
    certificate: read(KEYS.certificate),
    key: read(KEYS.key),
  };
  return Object.values(kept).includes("") ? undefined : kept;
}

function encode(kept: KeptCertificates): Record<string, string> {
  return Object.fromEntries(
    Object.entries(KEYS).map(([part, key]) => [
      key,
      Buffer.from(kept[part as keyof KeptCertificates]).toString("base64"),
    ]),
  );
}
