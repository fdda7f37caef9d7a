// The pods of this node, the namespaces' labels that decide about them, and what follows for each container.

import { decideLive, type LiveDecision } from "../../injection/decide-live.ts";
import type { Labels } from "../../injection/pod.ts";
import type { Policy } from "../../injection/policy.ts";
import type { PodCpuView } from "../render/pod-cpu-views.ts";
import type { RunningPod } from "./running-pod.ts";

export interface NamespaceSlice {
  name: string;
  labels: Labels;
}

export interface PodContainer {
  pod: RunningPod;
  /** Undefined for one that the kubelet has not told of: the sandbox, or one that starts just now. */
  name: string | undefined;
  /** Undefined while the labels of its namespace are not known. */
  decision: LiveDecision | undefined;
}

interface Known {
  pod: RunningPod;
  decision: LiveDecision | undefined;
  /** Tells decisions apart that have the same effect on containers. */
  effect: string;
}

export class Pods {
  readonly #policy: Policy;
  readonly #changed: (pods: readonly RunningPod[]) => void;
  readonly #byUid = new Map<string, Known>();
  readonly #uidByContainer = new Map<string, string>();
  readonly #namespaces = new Map<string, Labels>();
  #podsSeen = false;
  #namespacesSeen = false;

  /** `changed` is told of pods whose containers should have other files from now on. */
  constructor(policy: Policy, changed: (pods: readonly RunningPod[]) => void) {
    this.#policy = policy;
    this.#changed = changed;
  }

  get size(): number {
    return this.#byUid.size;
  }

  all(): RunningPod[] {
    return [...this.#byUid.values()].map(({ pod }) => pod);
  }

  /** Of pods that ask for another than this installation's. */
  cpuViews(): PodCpuView[] {
    return [...this.#byUid].flatMap(([uid, { decision }]) =>
      decision?.cpuView === undefined ? [] : [[uid, decision.cpuView] as const],
    );
  }

  /** By the runtime's id, else by the uid of its pod. */
  find(containerId: string, podUid: string | undefined): PodContainer | undefined {
    const known = this.#byUid.get(this.#uidByContainer.get(containerId) ?? podUid ?? "");
    return known && { pod: known.pod, name: known.pod.containers.get(containerId), decision: known.decision };
  }

  /** Whether all that there is was seen once. */
  get isComplete(): boolean {
    return this.#podsSeen && this.#namespacesSeen;
  }

  podsListed(pods: readonly RunningPod[]): void {
    this.#podsSeen = true;
    const there = new Set(pods.map(({ uid }) => uid));
    for (const { pod } of this.#byUid.values()) if (!there.has(pod.uid)) this.podRemoved(pod);
    this.#tell(pods.filter((pod) => this.#put(pod)));
  }

  podChanged(pod: RunningPod): void {
    if (this.#put(pod)) this.#tell([pod]);
  }

  podRemoved({ uid }: RunningPod): void {
    for (const id of this.#byUid.get(uid)?.pod.containers.keys() ?? []) this.#uidByContainer.delete(id);
    this.#byUid.delete(uid);
  }

  namespacesListed(namespaces: readonly NamespaceSlice[]): void {
    this.#namespacesSeen = true;
    this.#namespaces.clear();
    for (const { name, labels } of namespaces) this.#namespaces.set(name, labels);
    this.#decideAnew(() => true);
  }

  namespaceChanged({ name, labels }: NamespaceSlice): void {
    this.#namespaces.set(name, labels);
    this.#decideAnew(({ namespace }) => namespace === name);
  }

  namespaceRemoved({ name }: NamespaceSlice): void {
    this.#namespaces.delete(name);
  }

  #decideAnew(concerns: (pod: RunningPod) => boolean): void {
    this.#tell(this.all().filter((pod) => concerns(pod) && this.#put(pod)));
  }

  #tell(pods: readonly RunningPod[]): void {
    if (pods.length > 0) this.#changed(pods);
  }

  /** Whether something follows from it for its containers. */
  #put(pod: RunningPod): boolean {
    const before = this.#byUid.get(pod.uid);
    for (const id of before?.pod.containers.keys() ?? []) this.#uidByContainer.delete(id);
    for (const id of pod.containers.keys()) this.#uidByContainer.set(id, pod.uid);
    const decision = this.#decide(pod);
    const effect = effectOf(pod, decision);
    this.#byUid.set(pod.uid, { pod, decision, effect });
    return effect !== before?.effect;
  }

  #decide({ pod, namespace }: RunningPod): LiveDecision | undefined {
    const namespaceLabels = this.#namespaces.get(namespace);
    return namespaceLabels && decideLive({ pod, namespace, namespaceLabels, policy: this.#policy });
  }
}

function effectOf({ containers }: RunningPod, decision: LiveDecision | undefined): string {
  const files = [...containers].map(([id, name]) => [id, decision?.files.get(name)]);
  return JSON.stringify([files, decision?.onlyAttach, decision?.cpuView, decision === undefined]);
}
