// What the Secret keeps, and what has to become of it. Reading certificates is Node's own work; nothing is issued here.

import { X509Certificate } from "node:crypto";

export interface KeptCertificates {
  /** PEM of every authority that a client must trust, the one that signs first. */
  authorities: string;
  authorityKey: string;
  certificate: string;
  key: string;
}

export type Renewal = "none" | "serving" | "authority" | "all";

/**
 * A new authority comes into the bundle before it signs what is served: clients that have only the old bundle go on
 * trusting the old certificate. The next look finds a certificate that is not of the first authority, and renews it.
 */
export function renewalOf(kept: KeptCertificates | undefined, dnsNames: readonly string[], now: Date): Renewal {
  if (kept === undefined) return "all";
  const authority = read(authoritiesOf(kept.authorities)[0]);
  const serving = read(kept.certificate);
  if (authority === undefined || kept.authorityKey === "" || isOver(authority, now)) return "all";
  if (isOld(authority, now)) return "authority";
  if (serving === undefined || kept.key === "" || isOld(serving, now)) return "serving";
  const fits = serving.checkIssued(authority) && serving.verify(authority.publicKey) && covers(serving, dnsNames);
  return fits ? "none" : "serving";
}

/** The bundle without authorities that are over. */
export function trustedOf(authorities: string, now: Date): string {
  return authoritiesOf(authorities)
    .filter((pem) => {
      const certificate = read(pem);
      return certificate !== undefined && !isOver(certificate, now);
    })
    .join("");
}

export function authoritiesOf(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
}

/** Two thirds of its time are over: what is left is for trying again. */
function isOld({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  const from = validFromDate.getTime();
  return now.getTime() > from + ((validToDate.getTime() - from) * 2) / 3;
}

function isOver({ validToDate }: X509Certificate, now: Date): boolean {
  return now >= validToDate;
}

function covers(certificate: X509Certificate, dnsNames: readonly string[]): boolean {
  return dnsNames.every((name) => certificate.checkHost(name) !== undefined);
}

function read(pem: string | undefined): X509Certificate | undefined {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    // Somebody else wrote it: it is made anew.
    return undefined;
  }
}
