// What rounds did, by pod: told in Events as it happens, and kept for /containers.

import type { ReportedContainer } from "../../contract/node-report.ts";
import type { EventText } from "../../injection/event-body.ts";
import type { PlaceResult } from "../attach/messages.ts";
import { isFine } from "../attach/outcomes.ts";
import type { ContainerReport } from "../attach/round.ts";
import type { State } from "../attach/states.ts";
import { podUidOf } from "../container/pod-uid.ts";
import { type NamedReport, newsOfRound } from "./pod-news.ts";
import type { Pods } from "./pods.ts";
import type { RunningPod } from "./running-pod.ts";

export class PodReporter {
  readonly #pods: Pods;
  readonly #tell: (pod: RunningPod, text: EventText) => void;
  /** The warning that stands for a pod, by uid: a round finds the same again and again. */
  readonly #warned = new Map<string, string>();
  #last: readonly ContainerReport[] = [];

  constructor(pods: Pods, tell: (pod: RunningPod, text: EventText) => void) {
    this.#pods = pods;
    this.#tell = tell;
  }

  wentRound(reports: readonly ContainerReport[]): void {
    this.#last = reports;
    const byPod = new Map<RunningPod, NamedReport[]>();
    for (const report of reports) {
      const found = this.#pods.find(report.container.id, podUidOf(report.container));
      if (found?.name === undefined) continue;
      byPod.set(found.pod, [...(byPod.get(found.pod) ?? []), { name: found.name, report }]);
    }
    const uids = new Set([...byPod.keys()].map(({ uid }) => uid));
    for (const uid of this.#warned.keys()) if (!uids.has(uid)) this.#warned.delete(uid);
    for (const [pod, named] of byPod) this.#tellOf(pod, newsOfRound(named));
  }

  containers(): ReportedContainer[] {
    return this.#last.map(({ container, places, outcome }) => {
      const found = this.#pods.find(container.id, podUidOf(container));
      const troubles = [outcome, ...places.map((place) => place.outcome)].filter((one) => one !== undefined);
      return {
        id: container.id,
        ...(found?.name !== undefined && {
          name: { namespace: found.pod.namespace, pod: found.pod.name, container: found.name },
        }),
        files: Object.fromEntries(places.map((place) => [place.path, stateAfter(place)])),
        troubles: [...new Set(troubles.filter((one) => !isFine(one)))],
      };
    });
  }

  #tellOf(pod: RunningPod, news: readonly EventText[]): void {
    const warning = news.find(({ type }) => type === "Warning")?.message;
    const stands = this.#warned.get(pod.uid);
    if (warning === undefined) this.#warned.delete(pod.uid);
    else this.#warned.set(pod.uid, warning);
    for (const text of news) if (text.message !== stands) this.#tell(pod, text);
  }
}

/** What it is once that was done. */
function stateAfter({ state, outcome }: PlaceResult): State {
  if (outcome === "attached" || outcome === "reattached" || outcome === "replaced" || outcome === "kept") return "own";
  return outcome === "detached" ? "absent" : state;
}
