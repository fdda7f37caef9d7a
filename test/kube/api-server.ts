// A real API server alone, with etcd: in a network namespace of its own, RBAC on. No kubelet, controller manager or
// scheduler: tests say what those would say (pods have a node from the start, and their status is patched).

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueAuthority, issueServing } from "../../webhook/certificates/issue.ts";
import { lacks, skip as needsMounts, SLOWNESS, until } from "../mount/harness.ts";

const { PROCVIEW_APISERVER, CLUSTER_HOME = "/var/cache/procview-cluster" } = process.env;
const PROGRAM = PROCVIEW_APISERVER ?? join(CLUSTER_HOME, "bin/kube-apiserver");
const ETCD_PORT = 2379;
export const API_PORT = 6443;
const ADMIN = "admin-of-this-test";
const LIMIT_MILLIS = 60_000;

/** An address that pods can be said to have: the API server does not proxy to loopback. */
export const POD_IP = "10.251.0.1";

/** Why there is none here; false where there is one. */
export const skip: string | false =
  needsMounts ||
  (!existsSync(PROGRAM) &&
    `needs kube-apiserver: PROCVIEW_APISERVER names one, or CLUSTER_HOME/bin has it (${PROGRAM})`) ||
  ["etcd", "kubectl", "nsenter", "ip"].map(lacks).find((reason) => reason !== false) ||
  false;

if (skip) console.log(`test/kube skips: ${skip}`);

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class ApiServer implements AsyncDisposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "procview-api-"));
  readonly #holder: ChildProcess;
  readonly #children: ChildProcess[] = [];
  #log = "";

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async start(): Promise<ApiServer> {
    const script = `ip link set lo up && ip address add ${POD_IP}/32 dev lo && echo up && exec sleep 3600`;
    const holder = spawn("unshare", ["--net", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    const server = new ApiServer(holder);
    try {
      await server.#begin();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A command as the namespace of the server sees the network. */
  inside(command: readonly string[]): [string, string[]] {
    return ["nsenter", [`--net=/proc/${this.#holder.pid}/ns/net`, "--", ...command]];
  }

  run(command: readonly string[], input = ""): Ran {
    const [file, args] = this.inside(command);
    return spawnSync(file, args, { encoding: "utf8", input, timeout: LIMIT_MILLIS, killSignal: "SIGKILL" });
  }

  attempt(args: readonly string[], input?: object): Ran {
    return this.run(["kubectl", `--kubeconfig=${this.kubeconfig}`, ...args], JSON.stringify(input ?? {}));
  }

  /** kubectl with full rights; fails unless it succeeds. */
  kubectl(args: readonly string[], input?: object): string {
    const { status, stdout, stderr } = this.attempt(args, input);
    assert.equal(status, 0, `kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  get<Value>(...args: string[]): Value {
    return JSON.parse(this.kubectl(["get", ...args, "-o", "json"])) as Value;
  }

  apply(...objects: object[]): void {
    this.kubectl(["apply", "-f", "-"], { apiVersion: "v1", kind: "List", items: objects });
  }

  get kubeconfig(): string {
    return join(this.directory, "kubeconfig");
  }

  /** What a pod finds below /var/run/secrets/kubernetes.io/serviceaccount, for a service account of the server. */
  serviceAccount(namespace: string, name: string): string {
    const directory = join(this.directory, `${namespace}-${name}`);
    mkdirSync(directory, { recursive: true });
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
    const { status } = JSON.parse(this.kubectl(["create", "--raw", path, "-f", "-"], request)) as {
      status: { token: string };
    };
    writeFileSync(join(directory, "token"), status.token);
    writeFileSync(join(directory, "namespace"), namespace);
    writeFileSync(join(directory, "ca.crt"), readFileSync(join(this.directory, "ca.crt")));
    return directory;
  }

  /** What a pod has in its environment. */
  readonly environment: NodeJS.ProcessEnv = {
    KUBERNETES_SERVICE_HOST: "localhost",
    KUBERNETES_SERVICE_PORT: `${API_PORT}`,
  };

  /** Ends the server alone; what it knew stays in etcd. */
  async stopServing(): Promise<void> {
    await ended(this.#children.pop());
  }

  async serve(): Promise<void> {
    const at = (name: string): string => join(this.directory, name);
    this.#spawn([
      PROGRAM,
      `--etcd-servers=http://127.0.0.1:${ETCD_PORT}`,
      `--secure-port=${API_PORT}`,
      "--bind-address=127.0.0.1",
      `--advertise-address=${POD_IP}`,
      "--service-cluster-ip-range=10.96.0.0/24",
      "--authorization-mode=RBAC",
      "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
      `--token-auth-file=${at("tokens.csv")}`,
      `--tls-cert-file=${at("server.crt")}`,
      `--tls-private-key-file=${at("server.key")}`,
      `--cert-dir=${at("certs")}`,
      `--service-account-key-file=${at("accounts.key")}`,
      `--service-account-signing-key-file=${at("accounts.key")}`,
      "--service-account-issuer=https://procview.test",
      "--allow-privileged",
      "--v=0",
    ]);
    const ready = (): boolean => this.attempt(["get", "--raw", "/readyz"]).status === 0;
    await until("the API server is ready", ready, LIMIT_MILLIS * SLOWNESS).catch((error: Error) =>
      assert.fail(`${error.message}: ${this.#log.slice(-4000)}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.toReversed()) await ended(child);
    await ended(this.#holder);
    rmSync(this.directory, { recursive: true });
  }

  async #begin(): Promise<void> {
    const write = (name: string, text: string): void => writeFileSync(join(this.directory, name), text);
    const authority = await issueAuthority(new Date());
    const serving = await issueServing(authority, ["localhost", "kubernetes.default.svc"], new Date());
    write("ca.crt", authority.certificatePem);
    write("server.crt", serving.certificatePem);
    write("server.key", serving.keyPem);
    write("accounts.key", accountKey());
    write("tokens.csv", `${ADMIN},admin,admin,"system:masters"\n`);
    write("kubeconfig", kubeconfigOf(join(this.directory, "ca.crt")));
    const peer = "http://127.0.0.1:2380";
    const client = `http://127.0.0.1:${ETCD_PORT}`;
    const data = ["--data-dir", join(this.directory, "etcd"), "--unsafe-no-fsync"];
    const listen = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer];
    this.#spawn(["etcd", ...data, ...listen]);
    await this.serve();
  }

  #spawn(command: readonly string[]): void {
    const [file, args] = this.inside(command);
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, GOGC: "50" } });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-20_000);
      });
    }
    this.#children.push(child);
  }
}

/** Of the form that old versions read. */
function accountKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function kubeconfigOf(authority: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: `https://localhost:${API_PORT}`, "certificate-authority": authority } }],
    users: [{ name: "u", user: { token: ADMIN } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  });
}
