// Certificates: issued, renewed, read again from files - while the server serves.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { FileCertificate } from "../../../webhook/certificates/file-certificate.ts";
import {
  AUTHORITY_DAYS,
  type Issued,
  issueAuthority,
  issueServing,
  SERVING_DAYS,
} from "../../../webhook/certificates/issue.ts";
import {
  authoritiesOf,
  type KeptCertificates,
  renewalOf,
  trustedOf,
} from "../../../webhook/certificates/kept-certificates.ts";
import { leaseState } from "../../../webhook/certificates/lease.ts";
import { SelfCertificate, type SelfCertificateOptions } from "../../../webhook/certificates/self-certificate.ts";
import { caBundlePatch } from "../../../webhook/kubernetes/ca-bundle.ts";
import { POD, post, reviewOf, serveWebhook } from "../../webhook-harness.ts";

const NAMES = ["procview-webhook.procview-system.svc", "procview-webhook.procview-system"];
const START = new Date("2026-01-01T00:00:00Z");
const after = (days: number) => new Date(START.getTime() + days * 24 * 60 * 60 * 1000);

test("what is issued is what an API server accepts: names, usages, authority, times", async () => {
  const authority = await issueAuthority(START);
  const serving = new X509Certificate((await issueServing(authority, NAMES, START)).certificatePem);
  const signer = new X509Certificate(authority.certificatePem);
  assert.ok(signer.ca);
  assert.ok(!serving.ca);
  assert.ok(serving.checkIssued(signer) && serving.verify(signer.publicKey));
  assert.equal(serving.subjectAltName, NAMES.map((name) => `DNS:${name}`).join(", "));
  assert.deepEqual(serving.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.deepEqual(serving.validToDate, after(SERVING_DAYS));
  assert.ok(serving.validFromDate < START, "clocks differ");
  assert.equal(serving.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
});

test("renewalOf() renews in the last third, and what does not fit", async () => {
  const authority = await issueAuthority(START);
  const kept = keptOf(authority, await issueServing(authority, NAMES, START));
  assert.equal(renewalOf(undefined, NAMES, START), "all");
  assert.equal(renewalOf(kept, NAMES, START), "none");
  assert.equal(renewalOf(kept, NAMES, after((SERVING_DAYS * 2) / 3 - 1)), "none");
  assert.equal(renewalOf(kept, NAMES, after((SERVING_DAYS * 2) / 3 + 1)), "serving");
  assert.equal(renewalOf(kept, ["other.svc"], START), "serving");
  assert.equal(renewalOf(kept, NAMES, after((AUTHORITY_DAYS * 2) / 3 + 1)), "authority");
  assert.equal(renewalOf(kept, NAMES, after(AUTHORITY_DAYS + 1)), "all");
  assert.equal(renewalOf({ ...kept, certificate: "garbage" }, NAMES, START), "serving");
  assert.equal(renewalOf({ ...kept, authorities: "garbage" }, NAMES, START), "all");
  const stranger = keptOf(await issueAuthority(START), { certificatePem: kept.certificate, keyPem: kept.key });
  assert.equal(renewalOf(stranger, NAMES, START), "serving");
  assert.equal(trustedOf(kept.authorities, after(AUTHORITY_DAYS + 1)), "");
});

test("a new authority is trusted before it signs: at no time does a client with either bundle lose the webhook", async () => {
  const cluster = fakeCluster();
  const days = { now: 0 };
  const source = new SelfCertificate({ ...cluster.options("a"), now: () => after(days.now) });
  const served: string[] = [];
  const turn = () => source.turn(({ certificatePem }) => served.push(certificatePem));
  let bundle = "";
  for (days.now = 0; days.now < AUTHORITY_DAYS * 2; days.now += 25) {
    const before = bundle;
    await turn();
    bundle = cluster.caBundle();
    const certificate = new X509Certificate(served.at(-1)!);
    for (const trusted of [before, bundle].filter((one) => one !== "")) {
      const authorities = authoritiesOf(trusted).map((pem) => new X509Certificate(pem));
      assert.ok(
        authorities.some((authority) => certificate.verify(authority.publicKey)),
        `day ${days.now}`,
      );
    }
    assert.ok(certificate.validToDate > after(days.now + 1), `day ${days.now}: ended ${certificate.validTo}`);
  }
  assert.ok(authoritiesOf(bundle).length <= 2);
  assert.ok(served.length > 20);
});

test("only the leader renews; the others serve what it kept", async () => {
  const cluster = fakeCluster();
  const [leader, follower] = ["a", "b"].map(
    (name) => new SelfCertificate({ ...cluster.options(name), now: () => START }),
  );
  const served: string[] = [];
  await follower!.turn(({ certificatePem }) => served.push(certificatePem));
  assert.equal(served.length, 0, "nothing is kept yet, and it is not the leader");
  await leader!.turn(({ certificatePem }) => served.push(certificatePem));
  await follower!.turn(({ certificatePem }) => served.push(certificatePem));
  assert.equal(cluster.writes(), 1);
  assert.equal(served[0], served[1]);
});

test("a failing turn is told, and tried again", async () => {
  const cluster = fakeCluster();
  let failures = 0;
  const options = cluster.options("a");
  const read = () => (failures < 2 ? Promise.reject(new Error("the API server is away")) : options.secret.read());
  const source = new SelfCertificate({ ...options, secret: { ...options.secret, read }, periodMillis: 5 });
  await new Promise<void>((resolve) => {
    void source.start(
      () => resolve(),
      () => {
        failures += 1;
      },
    );
  });
  source.stop();
  assert.equal(failures, 2);
});

test("leaseState() takes what is free, old or its own", () => {
  const renewedAt = START;
  assert.equal(leaseState(undefined, "a", START), "free");
  assert.equal(leaseState({ holder: "", renewedAt }, "a", START), "free");
  assert.equal(leaseState({ holder: "a", renewedAt }, "a", after(1)), "mine");
  assert.equal(leaseState({ holder: "b", renewedAt }, "a", START), "taken");
  assert.equal(leaseState({ holder: "b", renewedAt }, "a", after(1)), "free");
});

test("caBundlePatch() touches what differs, and only where it was read", () => {
  const right = Buffer.from("PEM").toString("base64");
  const patch = caBundlePatch(
    [
      { name: "a", clientConfig: { caBundle: right } },
      { name: "b", clientConfig: {} },
    ],
    "PEM",
  );
  assert.deepEqual(patch, [
    { op: "test", path: "/webhooks/1/name", value: "b" },
    { op: "add", path: "/webhooks/1/clientConfig/caBundle", value: right },
  ]);
});

test("files are read again while the server serves, as a mounted Secret changes them; a bad pair changes nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "procview-tls-"));
  const [first, second] = [await issueAuthority(new Date()), await issueAuthority(new Date())];
  await put(folder, "1", await issueServing(first, ["localhost"], new Date()));
  await using served = await serveWebhook({ certificates: new FileCertificate(folder, 10) });
  assert.equal((await post(served.port, first.certificatePem, reviewOf(POD))).status, 200);

  await put(folder, "2", { certificatePem: first.certificatePem, keyPem: second.keyPem });
  await until(async () => /loads_total{result="failed"} [1-9]/.test((await served.operations("/metrics")).text));
  assert.equal((await post(served.port, first.certificatePem, reviewOf(POD))).status, 200);
  assert.equal((await served.operations("/readyz")).status, 200);

  await put(folder, "3", await issueServing(second, ["localhost"], new Date()));
  await until(() =>
    post(served.port, second.certificatePem, reviewOf(POD)).then(
      () => true,
      () => false,
    ),
  );
  await assert.rejects(post(served.port, first.certificatePem, reviewOf(POD)), /certificate/);
  rmSync(folder, { recursive: true });
});

test("without a certificate the webhook is not ready; it waits", async () => {
  const folder = mkdtempSync(join(tmpdir(), "procview-tls-"));
  await using served = await serveWebhook({ certificates: new FileCertificate(folder, 10) });
  assert.deepEqual(await served.operations("/readyz"), { status: 503, text: "no serving certificate yet\n" });
  await put(folder, "1", await issueServing(await issueAuthority(new Date()), ["localhost"], new Date()));
  await until(async () => (await served.operations("/readyz")).status === 200);
  rmSync(folder, { recursive: true });
});

test("a certificate that has ended makes the webhook unready", async () => {
  const ended = await issueServing(await issueAuthority(START), ["localhost"], after(-SERVING_DAYS));
  await using served = await serveWebhook({
    certificates: { start: async (use) => use(ended), stop: () => undefined },
  });
  assert.match((await served.operations("/readyz")).text, /^the serving certificate ended 2026-01-01T00:00:00.000Z/);
});

function keptOf(authority: Issued, serving: Issued): KeptCertificates {
  return {
    authorities: authority.certificatePem,
    authorityKey: authority.keyPem,
    certificate: serving.certificatePem,
    key: serving.keyPem,
  };
}

/** A Secret, a caBundle and a Lease of "a". */
function fakeCluster() {
  let kept: KeptCertificates | undefined;
  let version = 0;
  let trusted = "";
  const options = (identity: string): SelfCertificateOptions => ({
    dnsNames: NAMES,
    secret: {
      read: async () => ({ kept, resourceVersion: version === 0 ? undefined : String(version) }),
      write: (next, resourceVersion) => {
        assert.equal(resourceVersion, version === 0 ? undefined : String(version));
        kept = next;
        version += 1;
        return Promise.resolve();
      },
    },
    caBundle: {
      ensure: (authorities) => {
        trusted = authorities;
        return Promise.resolve();
      },
    },
    leadership: { isMine: async () => identity === "a" },
  });
  return { options, caBundle: () => trusted, writes: () => version };
}

/** As the kubelet writes a Secret: a new folder, then one symlink turns. */
async function put(folder: string, revision: string, { certificatePem, keyPem }: Issued): Promise<void> {
  await mkdir(join(folder, `..${revision}`));
  writeFileSync(join(folder, `..${revision}`, "tls.crt"), certificatePem);
  writeFileSync(join(folder, `..${revision}`, "tls.key"), keyPem);
  symlinkSync(`..${revision}`, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  for (const name of revision === "1" ? ["tls.crt", "tls.key"] : [])
    symlinkSync(join("..data", name), join(folder, name));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await holds()) return;
    await setTimeout(10);
  }
  assert.fail("it never came true");
}
