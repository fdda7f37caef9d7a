// Pods as people, controllers and other webhooks make them: with mounts where ours would go, fields of versions that
// are not out yet, lists that are absent, null or empty.

import fc from "fast-check";
import { ANNOTATIONS } from "../contract/annotations.ts";
import { FILE_NAMES, RUNTIME_FILES } from "../contract/file-names.ts";
import { POD_SECURITY_LABEL } from "../contract/labels.ts";
import type { Situation } from "../injection/decide-injection.ts";
import { DEFAULT_POLICY } from "../injection/policy.ts";
import { CONFIGURABLE_TRAITS, TREATMENTS } from "../injection/traits.ts";

const name = fc.stringMatching(/^[a-z]{1,6}$/);
const absentOr = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 3 });

const volumeName = fc.constantFrom("data", "mine", "cache", "procview-meminfo", "procview-cpu", "procview-stat-2");
const volume = fc.oneof(
  fc.record({ name: volumeName, emptyDir: fc.constant({}) }),
  fc.record({ name: volumeName, newSource: fc.record({ driver: name }), emptyDir: fc.constant({}) }),
  fc.record({
    name: volumeName,
    hostPath: fc.record({
      path: fc.constantFrom("/proc", ...RUNTIME_FILES.map((path) => `/var/lib/procview/fs/${path}`)),
      type: fc.constantFrom("File", "Directory", ""),
    }),
  }),
);
const mountPath = fc.constantFrom(
  ...["/data", "/proc", "/sys", "/", "/proc/meminfo", "/proc//stat", "/proc/cpuinfo/", "/sys/devices/system/cpu"],
  ...["/sys/devices/system/cpu/online", "/sys/devices", "/proc/./uptime", "/procfs", "/proc/sys", "/var/../proc/swaps"],
);

const container = (volumes: readonly string[], containerName: string) =>
  fc.record(
    {
      name: fc.constant(containerName),
      image: name,
      resources: fc.constant({ limits: { memory: "64Mi", cpu: 1 } }),
      restartPolicy: fc.constant("Always"),
      fieldOfTheFuture: fc.constant({ deep: [1, { a: null }] }),
      securityContext: fc.record({ procMount: fc.constantFrom("Default", "Unmasked") }, { requiredKeys: [] }),
      volumeMounts:
        volumes.length === 0
          ? fc.constantFrom(null, [])
          : fc.oneof(
              fc.constant(null),
              fc.uniqueArray(
                fc.record(
                  { name: fc.constantFrom(...volumes), mountPath, readOnly: fc.boolean(), subPath: name },
                  { requiredKeys: ["name", "mountPath"] },
                ),
                { selector: (mount) => mount.mountPath, maxLength: 4 },
              ),
            ),
    },
    { requiredKeys: ["name"] },
  );

const spec = fc
  .record({
    volumes: absentOr(fc.oneof(fc.constant(null), fc.uniqueArray(volume, { selector: (v) => v.name, maxLength: 4 }))),
    containers: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    initContainers: absentOr(fc.uniqueArray(fc.stringMatching(/^i[0-9]{1,3}$/), { maxLength: 2 })),
  })
  .chain(({ volumes, containers, initContainers }) => {
    const names = (volumes ?? []).map((one) => one.name);
    const listOf = (containerNames: readonly string[]) =>
      fc.tuple(...containerNames.map((containerName) => container(names, containerName)));
    return fc.record(
      {
        containers: listOf(containers),
        ...(initContainers && { initContainers: listOf(initContainers) }),
        volumes: fc.constant(volumes),
        hostPID: fc.boolean(),
        hostUsers: fc.boolean(),
        shareProcessNamespace: fc.boolean(),
        runtimeClassName: fc.constantFrom("runc", "kata-qemu"),
        os: fc.constantFrom({ name: "linux" }, { name: "linux" }, { name: "windows" }),
        schedulingTheory: fc.constant("of the future"),
      },
      { requiredKeys: ["containers", ...(volumes === undefined ? [] : (["volumes"] as const))] },
    );
  });

const files = fc.array(fc.constantFrom(...FILE_NAMES, "interrupts"), { maxLength: 6 }).map((names) => names.join(","));
const annotations = fc.record(
  {
    [ANNOTATIONS.files.key]: files,
    [ANNOTATIONS.excludeContainers.key]: name,
    [ANNOTATIONS.mode.key]: fc.constantFrom("mount", "mount", "attach", "odd"),
    [ANNOTATIONS.cpuView.key]: fc.constantFrom("quota", "host", "odd"),
    "example.com/~tilde/slash": name,
  },
  { requiredKeys: [] },
);

const pod = fc.record({
  apiVersion: fc.constant("v1"),
  kind: fc.constant("Pod"),
  metadata: fc.record(
    {
      name,
      generateName: name,
      labels: fc.record({ "procview.io/inject": fc.constantFrom("enabled", "enabled", "disabled", "odd") }),
      annotations: fc.oneof(annotations, fc.constant(null)),
      fieldOfTheFuture: fc.constant({ kept: true }),
    },
    { requiredKeys: [] },
  ),
  spec,
});

/** Most of these opt in: the others have little to tell. */
export const situation: fc.Arbitrary<Situation> = fc.record({
  pod: pod as fc.Arbitrary<Situation["pod"]>,
  namespace: fc.constantFrom("shop", "shop", "shop", "kube-system"),
  namespaceLabels: fc.constantFrom<Record<string, string>>(
    { "procview.io/inject": "enabled" },
    { "procview.io/inject": "enabled" },
    { "procview.io/inject": "enabled", [POD_SECURITY_LABEL]: "restricted" },
    {},
  ),
  policy: fc
    .tuple(...CONFIGURABLE_TRAITS.map((trait) => fc.tuple(fc.constant(trait), fc.constantFrom(...TREATMENTS))))
    .map((treatments) => ({
      ...DEFAULT_POLICY,
      treatments: { ...DEFAULT_POLICY.treatments, ...Object.fromEntries(treatments) },
    })),
});
