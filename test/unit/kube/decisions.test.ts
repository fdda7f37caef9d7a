// The small decisions of an agent in a cluster.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentNews } from "../../../injection/recent-news.ts";
import type { Outcome } from "../../../node-agent/attach/outcomes.ts";
import type { ContainerReport } from "../../../node-agent/attach/round.ts";
import { podUidOf } from "../../../node-agent/container/pod-uid.ts";
import { newsOfRound } from "../../../node-agent/kube/pod-news.ts";
import { taintPatch } from "../../../node-agent/kube/startup-taint.ts";
import { TokenBucket } from "../../../node-agent/kube/token-bucket.ts";
import { nextDelay } from "../../../node-agent/kube/watch.ts";
import { PodCpuViews, sharePodCpuViews } from "../../../node-agent/render/pod-cpu-views.ts";

test("the startup taint is taken away with every effect, others stay, and nobody else's change is lost", () => {
  const mine = { key: "procview.io/not-ready", effect: "NoSchedule" };
  const both = { ...mine, effect: "NoExecute" };
  const other = { key: "other", effect: "NoSchedule" };
  assert.deepEqual(taintPatch([other], mine.key), []);
  assert.deepEqual(taintPatch([mine, other, both], mine.key), [
    { op: "test", path: "/spec/taints/2", value: both },
    { op: "remove", path: "/spec/taints/2" },
    { op: "test", path: "/spec/taints/0", value: mine },
    { op: "remove", path: "/spec/taints/0" },
  ]);
});

function report(places: Record<string, Outcome | undefined>, outcome?: Outcome): ContainerReport {
  return {
    places: Object.entries(places).map(([path, one]) => ({ path, target: `/${path}`, state: "own", outcome: one })),
    ...(outcome && { outcome }),
  } as unknown as ContainerReport;
}

test("a round in words: containers with the same files together, failures by reason, nothing where all was well", () => {
  const two = { "proc/stat": "attached", "sys/devices/system/cpu": "attached" } as const;
  assert.deepEqual(
    newsOfRound([{ name: "app", report: report({ "proc/stat": "kept", "proc/swaps": "reattached" }) }]),
    [],
  );
  assert.deepEqual(
    newsOfRound([
      { name: "app", report: report(two) },
      { name: "sidecar", report: report(two) },
      {
        name: "other",
        report: report({ "proc/stat": "detached", "proc/meminfo": "locked", "proc/swaps": "own-mount" }),
      },
      { name: "gone", report: report({}, "timed-out") },
      { name: "vanished", report: report({}, "vanished") },
    ]),
    [
      { type: "Normal", reason: "ProcviewAttached", message: "Attached cpu, stat (app, sidecar)" },
      { type: "Normal", reason: "ProcviewDetached", message: "Detached stat (other)" },
      {
        type: "Warning",
        reason: "ProcviewNotAttached",
        message: "Could not attach: locked: meminfo (other). own-mount: swaps (other). timed-out: container gone",
      },
    ],
  );
});

test("a bucket: a burst, then its rate", () => {
  const bucket = new TokenBucket(3, 2);
  const taken = (millis: number) => [1, 2, 3, 4].filter(() => bucket.take(millis)).length;
  assert.deepEqual([taken(1000), taken(1000), taken(2000), taken(60_000)], [3, 0, 2, 3]);
});

test("the same news within ten minutes are repeated; what was told longest ago is forgotten first", () => {
  const news = new RecentNews();
  const minutes = (count: number) => count * 60_000;
  assert.deepEqual(
    [
      news.isRepeated("a", 0),
      news.isRepeated("a", minutes(9)),
      news.isRepeated("b", 0),
      news.isRepeated("a", minutes(11)),
    ],
    [false, true, false, false],
  );
  for (let number = 0; number < 4096; number += 1) news.isRepeated(`many ${number}`, minutes(12));
  assert.equal(news.isRepeated("a", minutes(12)), false);
});

test("delays double up to half a minute", () => {
  let delay = 0;
  const delays = Array.from({ length: 10 }, () => (delay = nextDelay(delay)));
  assert.deepEqual([delays[0], delays[1], delays.at(-1)], [200, 400, 30_000]);
});

test("the pod of a container, by its cgroup", () => {
  const uid = "2c48913c-b29f-11e7-9350-020968147796";
  const of = (rule: string, path: string) =>
    podUidOf({ rule, identity: { version: 2, mountPoint: "", path } } as Parameters<typeof podUidOf>[0]);
  const id = "a".repeat(64);
  assert.equal(of("kubepods-cgroupfs", `/kubepods/burstable/pod${uid}/${id}`), uid);
  const slice = `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uid.replaceAll("-", "_")}.slice`;
  assert.equal(of("kubepods-systemd", `${slice}/cri-containerd-${id}.scope`), uid);
  assert.equal(of("docker", `/kubepods/burstable/pod${uid}/${id}/docker/${id}`), undefined);
  assert.equal(of("kubepods-cgroupfs", `/kubepods/burstable/pod${"b".repeat(32)}/${id}`), undefined);
});

test("pods that count their CPUs otherwise", () => {
  const [one, two] = ["00000000-0000-4000-8000-000000000001", "ffffffff-ffff-4fff-bfff-ffffffffffff"];
  const views = new PodCpuViews(sharePodCpuViews([[one, "host"]]));
  assert.deepEqual([views.of(one), views.of(two)], ["host", undefined]);
  views.set([[two, "cpuset"]]);
  assert.deepEqual([views.of(one), views.of(two)], [undefined, "cpuset"]);
  views.set([]);
  assert.equal(views.of(two), undefined);
});
