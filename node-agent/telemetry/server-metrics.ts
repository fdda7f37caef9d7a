// Metrics of the file-system process, from the sums that its workers count (session/figures.ts). A new process begins at
// 0; what metrics show only grows.

import { Gauge, type Registry } from "prom-client";
import {
  ERROR_LABELS,
  FILE_LABELS,
  LATENCY_BOUNDS,
  OPERATION_LABELS,
  place,
  type SingleFigure,
} from "../session/figures.ts";
import { Growth } from "./growth.ts";

export interface ServerFigures {
  sum: readonly number[];
  containers: number;
  residentBytes: number;
  /** Of all its threads, user and system. */
  cpuSeconds: number;
}

const SINGLES: readonly { figure: SingleFigure; name: string; help: string }[] = [
  {
    figure: "servedLastGood",
    name: "procview_stale_renders_total",
    help: "Renderings that failed: the last good one was served",
  },
  {
    figure: "servedHost",
    name: "procview_host_fallbacks_total",
    help: "Renderings that failed: the host's file was served",
  },
  {
    figure: "turnsForced",
    name: "procview_forced_turns_total",
    help: "Files renewed under a reader that took too long",
  },
  {
    figure: "hostReadsFailed",
    name: "procview_host_reads_failed_total",
    help: "Files of the host's /proc or /sys that could not be read",
  },
  {
    figure: "cgroupReadsFailed",
    name: "procview_cgroup_reads_failed_total",
    help: "Control files of cgroups that could not be read",
  },
];

export class ServerMetrics {
  readonly #growth = new Growth();
  readonly #cpu = new Growth();
  readonly #containers: Gauge;
  readonly #residentBytes: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#containers = new Gauge({ name: "procview_containers", help: "Containers that are served", registers });
    this.#residentBytes = new Gauge({
      name: "procview_server_resident_bytes",
      help: "Resident memory of the file-system process",
      registers,
    });
  }

  /** Takes in what a process has counted so far. */
  update(pid: number, { sum, containers, residentBytes, cpuSeconds }: ServerFigures): void {
    this.#growth.update(pid, sum);
    this.#cpu.update(pid, [cpuSeconds]);
    this.#containers.set(containers);
    this.#residentBytes.set(residentBytes);
  }

  /** In the text format of Prometheus. Written here: prom-client's histograms take observations, not counts. */
  text(): string {
    const total = this.#growth.totals;
    const at = (index: number): number => total[index] ?? 0;
    const files = [...FILE_LABELS.entries()];
    const perFile = (value: (file: number) => number): string[] =>
      files.map(([file, path]) => `{file="${path}"} ${value(file)}`);
    const requests = files.flatMap(([file, path]) =>
      OPERATION_LABELS.map(
        (name, operation) => `{file="${path}",operation="${name}"} ${at(place.operation(file, operation))}`,
      ),
    );
    return [
      ...counter("procview_requests_total", "Requests of the kernel that were answered", requests),
      ...counter(
        "procview_renders_total",
        "Files rendered",
        perFile((file) => at(place.file(file, "renders"))),
      ),
      ...counter(
        "procview_cache_hits_total",
        "LOOKUP and GETATTR of a file answered without rendering it",
        perFile((file) => at(place.file(file, "hits"))),
      ),
      ...counter(
        "procview_errors_total",
        "Requests answered with an error, by reason",
        ERROR_LABELS.map((reason, error) => `{reason="${reason}"} ${at(place.error(error))}`),
      ),
      ...SINGLES.flatMap(({ figure, name, help }) => counter(name, help, [` ${at(place.single(figure))}`])),
      ...counter("procview_server_cpu_seconds_total", "CPU time of the file-system process, all its threads", [
        ` ${this.#cpu.totals[0] ?? 0}`,
      ]),
      "# HELP procview_request_seconds Time from reading a request to answering it",
      "# TYPE procview_request_seconds histogram",
      ...files.flatMap(([file, path]) => histogram(path, file, at)),
      "",
    ].join("\n");
  }
}

function counter(name: string, help: string, samples: readonly string[]): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...samples.map((sample) => `${name}${sample}`)];
}

function histogram(path: string, file: number, at: (index: number) => number): string[] {
  let count = 0;
  const buckets = [...LATENCY_BOUNDS, "+Inf"].map((bound, index) => {
    count += at(place.latency(file, index));
    return `procview_request_seconds_bucket{file="${path}",le="${bound}"} ${count}`;
  });
  return [
    ...buckets,
    `procview_request_seconds_sum{file="${path}"} ${at(place.file(file, "latencySum"))}`,
    `procview_request_seconds_count{file="${path}"} ${count}`,
  ];
}
