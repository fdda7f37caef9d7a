// The three ways to a certificate: what each makes, and what the webhook may do in each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnyObject, find, has, render, renderText, skip } from "./render.ts";
import { rightsOf } from "./rights.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
const SECRET = { "webhook.certificates": { mode: "secret", secretName: "mine", caBundle: PEM } };
const args = (objects: AnyObject[]): string[] => find(objects, "Deployment")["spec"].template.spec.containers[0].args;
const bundles = (objects: AnyObject[]): unknown[] =>
  find(objects, "MutatingWebhookConfiguration")["webhooks"].map(
    ({ clientConfig }: { clientConfig: { caBundle?: string } }) => clientConfig.caBundle,
  );
test("self: the chart makes Secret and Lease, and the webhook may write these and its own configuration alone", {
  skip,
}, () => {
  const objects = render();
  const secret = find(objects, "Secret", "procview-webhook-tls");
  assert.equal(secret["data"], undefined, "an upgrade would overwrite what it names");
  assert.equal(secret["type"], "Opaque");
  find(objects, "Lease", "procview-webhook");
  assert.deepEqual(rightsOf(find(objects, "Role", "procview-webhook")), [
    "secrets/procview-webhook-tls: get,patch",
    "leases/procview-webhook: get,update",
  ]);
  assert.deepEqual(rightsOf(find(objects, "ClusterRole", "procview-webhook")), [
    "namespaces: get,list,watch",
    "events: create",
    "pods: get",
    "mutatingwebhookconfigurations/procview: get,patch",
  ]);
  for (const arg of ["--secret=procview-webhook-tls", "--lease=procview-webhook", "--configuration=procview"]) {
    assert.ok(args(objects).includes(arg), arg);
  }
  assert.deepEqual(bundles(objects), [undefined, undefined]);
});

test("cert-manager: a CA of its own signs the certificate, and is injected", { skip }, () => {
  const objects = render({ values: { "webhook.certificates.mode": "cert-manager" } });
  const certificate = find(objects, "Certificate", "procview-webhook");
  assert.deepEqual(certificate["spec"].dnsNames[0], "procview-webhook.procview-system.svc");
  assert.deepEqual(certificate["spec"].issuerRef, { kind: "Issuer", name: "procview-webhook" });
  assert.equal(find(objects, "Issuer", "procview-webhook")["spec"].ca.secretName, "procview-webhook-ca");
  assert.equal(find(objects, "Certificate", "procview-webhook-ca")["spec"].isCA, true);
  assert.equal(
    find(objects, "MutatingWebhookConfiguration").metadata.annotations?.["cert-manager.io/inject-ca-from"],
    "procview-system/procview-webhook",
  );
  mountsOf(objects, certificate["spec"].secretName);
});

test("cert-manager with an issuer: no CA is made", { skip }, () => {
  const issuerRef = { kind: "ClusterIssuer", name: "ours" };
  const objects = render({ values: { "webhook.certificates": { mode: "cert-manager", issuerRef } } });
  assert.equal(has(objects, "Issuer"), false);
  assert.deepEqual(find(objects, "Certificate")["spec"].issuerRef, issuerRef);
});

test("secret: the given Secret is mounted, and the given authority is trusted", { skip }, () => {
  const objects = render({ values: SECRET });
  mountsOf(objects, "mine");
  assert.deepEqual(bundles(objects), [btoa(PEM), btoa(PEM)]);
});

test("secret: what is missing is said", { skip }, () => {
  const values = (more: object) => ({ "webhook.certificates": { mode: "secret", ...more } });
  assert.throws(() => renderText({ values: values({ caBundle: PEM }) }), /set webhook\.certificates\.secretName/);
  assert.throws(() => renderText({ values: values({ secretName: "mine" }) }), /set webhook\.certificates\.caBundle/);
});

/** Certificates of others: mounted, and no right to any Secret or configuration. */
function mountsOf(objects: AnyObject[], secretName: string): void {
  const { spec } = find(objects, "Deployment")["spec"].template;
  assert.equal(spec.volumes[0].secret.secretName, secretName);
  assert.deepEqual(spec.containers[0].volumeMounts, [{ name: "tls", mountPath: "/tls", readOnly: true }]);
  assert.ok(args(objects).includes("--tls-directory=/tls"));
  assert.equal(has(objects, "Role", "procview-webhook"), false);
  assert.equal(has(objects, "Lease"), false);
  const rights = rightsOf(find(objects, "ClusterRole", "procview-webhook"));
  assert.deepEqual(rights, ["namespaces: get,list,watch", "events: create", "pods: get"]);
}
