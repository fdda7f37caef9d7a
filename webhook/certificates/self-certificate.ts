// Certificates of our own making: kept in a Secret that all replicas read; the leader renews them and puts the
// authorities into the webhook configuration.

import type { Certificate, CertificateSource } from "./certificate-source.ts";
import { issueAuthority, issueServing } from "./issue.ts";
import { authoritiesOf, type KeptCertificates, renewalOf, trustedOf } from "./kept-certificates.ts";
import { Polling } from "./polling.ts";

const PERIOD_MILLIS = 10_000;

export interface Stored {
  kept: KeptCertificates | undefined;
  resourceVersion: string | undefined;
}

export interface SelfCertificateOptions {
  dnsNames: readonly string[];
  /** The Secret. A write of what another replica has changed meanwhile is refused: the next turn sees it. */
  secret: {
    read(): Promise<Stored>;
    write(kept: KeptCertificates, resourceVersion: string | undefined): Promise<void>;
  };
  /** The caBundle of the webhook configuration. */
  caBundle: { ensure(authorities: string): Promise<void> };
  leadership: { isMine(): Promise<boolean> };
  now?: () => Date;
  periodMillis?: number;
}

export class SelfCertificate implements CertificateSource {
  readonly #options: SelfCertificateOptions;
  #polling: Polling | undefined;
  #used = "";

  constructor(options: SelfCertificateOptions) {
    this.#options = options;
  }

  async start(use: (certificate: Certificate) => void, failed: (error: Error) => void): Promise<void> {
    this.#polling = new Polling(() => this.turn(use), this.#options.periodMillis ?? PERIOD_MILLIS, failed);
    await this.#polling.start();
  }

  stop(): void {
    this.#polling?.stop();
  }

  async turn(use: (certificate: Certificate) => void): Promise<void> {
    const { secret, leadership, caBundle } = this.#options;
    let { kept, resourceVersion } = await secret.read();
    if (await leadership.isMine()) {
      const renewed = await this.#renew(kept);
      if (renewed !== undefined) {
        await secret.write(renewed, resourceVersion);
        kept = renewed;
      }
      if (kept !== undefined) await caBundle.ensure(kept.authorities);
    }
    if (kept === undefined || kept.certificate === "" || kept.certificate === this.#used) return;
    use({ certificatePem: kept.certificate, keyPem: kept.key });
    this.#used = kept.certificate;
  }

  async #renew(kept: KeptCertificates | undefined): Promise<KeptCertificates | undefined> {
    const { dnsNames } = this.#options;
    const now = this.#options.now?.() ?? new Date();
    const renewal = renewalOf(kept, dnsNames, now);
    if (renewal === "none") return undefined;
    if (kept !== undefined && renewal === "serving") {
      const authority = { certificatePem: authoritiesOf(kept.authorities)[0] ?? "", keyPem: kept.authorityKey };
      const serving = await issueServing(authority, dnsNames, now);
      return { ...kept, certificate: serving.certificatePem, key: serving.keyPem };
    }
    const authority = await issueAuthority(now);
    const authorities = authority.certificatePem + trustedOf(kept?.authorities ?? "", now);
    if (kept !== undefined && renewal === "authority") return { ...kept, authorities, authorityKey: authority.keyPem };
    const serving = await issueServing(authority, dnsNames, now);
    return {
      authorities,
      authorityKey: authority.keyPem,
      certificate: serving.certificatePem,
      key: serving.keyPem,
    };
  }
}
