// One file for one container: gathers the inputs the file's view names, has it rendered, and hands out the bytes.
// No FUSE in sight: `procview show` takes the same path.

import { directoryOf } from "./cgroup/cgroup.ts";
import { type Container, pressureFileOf } from "./container/container.ts";
import { readCpuLimits, readCpuTime } from "./container/read-cpu.ts";
import { readHugetlb } from "./container/read-hugetlb.ts";
import { readAllowedDevices, readIo } from "./container/read-io.ts";
import { readMemory } from "./container/read-memory.ts";
import { isLinux32 } from "./container/read-personality.ts";
import { type ContainerStart, readStart } from "./container/read-start.ts";
import { HostFileError, type HostFiles } from "./host/host-files.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { parseCpuList } from "./procfs/cpu-list.ts";
import { meminfoValue, parseMeminfo } from "./procfs/meminfo.ts";
import { parseUptime } from "./procfs/uptime.ts";
import { advanceCpuClock, type CpuMicros, type CpuTicksView, readCpuClock } from "./sampler/cpu-clock.ts";
import type { LoadSample } from "./view/loadavg.ts";
import { type Inputs, viewOf } from "./view/registry.ts";
import { upSecondsOf } from "./view/uptime.ts";
import type { ViewOptions } from "./view/view-options.ts";
import { type VisibleCpus, visibleCpus } from "./view/visible-cpus.ts";

const CPU_DIRECTORY = "sys/devices/system/cpu";
const TICKS_PER_SECOND = 100;

export class FileRenderer {
  readonly #files: HostFiles;
  readonly #options: ViewOptions;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #cpuinfo32: string | undefined;

  /**
   * `now` tells milliseconds of CLOCK_MONOTONIC. `cpuinfo32` is /proc/cpuinfo as 32-bit processes are told it, where that
   * differs.
   */
  constructor(files: HostFiles, options: ViewOptions, ledger: Ledger, now: () => number, cpuinfo32?: string) {
    this.#files = files;
    this.#options = options;
    this.#ledger = ledger;
    this.#now = now;
    this.#cpuinfo32 = cpuinfo32;
  }

  /** The host's own bytes. Throws HostFileError. */
  renderHost(path: string): Buffer {
    return this.#files.bytes(path);
  }

  /** The bytes of a file as the container sees them for the next `shownMillis`. Throws HostFileError or ParseError. */
  render(container: Container, path: string, shownMillis: number): Buffer {
    const view = viewOf(path);
    if (view === undefined) throw new HostFileError(path, "no view knows it");
    const inputs = new Gathering(this.#loaders, container, path);
    inputs.gathered.shownSeconds = shownMillis / 1000;
    for (const name of view.inputs) if (name !== "shownSeconds") inputs.get(name);
    return Buffer.from(view.render(inputs.gathered as Inputs, this.#options), "latin1");
  }

  /** The CPUs a container sees. */
  cpusOf(container: Container): VisibleCpus {
    const { cpu, cpuset } = container.cgroups;
    return visibleCpus(this.#onlineCpus(), readCpuLimits(this.#files, cpu, cpuset), this.#options.cpuView);
  }

  /** All CPUs of the host that it shows, also those that are offline. */
  hostCpus(): number[] {
    return parseCpuList(this.#files.text(`${CPU_DIRECTORY}/present`));
  }

  #onlineCpus(): number[] {
    return parseCpuList(this.#files.text(`${CPU_DIRECTORY}/online`));
  }

  /** When the container started; remembered, since its oldest process may end. */
  startOf(container: Container): ContainerStart | undefined {
    return this.#ledger.update(container.key, this.#now(), (record) => {
      if (record.startTicks === 0) {
        const found = readStart(this.#files, container.identity);
        if (found === undefined) return undefined;
        record.startTicks = found.startTicks;
        record.bootOffsetSeconds = found.bootOffsetSeconds;
      }
      return { startTicks: record.startTicks, bootOffsetSeconds: record.bootOffsetSeconds };
    });
  }

  /** Brings the container's CPU clock to now and reads it. */
  #tellCpuTicks(key: number, upSeconds: number, cpus: VisibleCpus, time: CpuMicros | undefined): CpuTicksView {
    return this.#ledger.update(key, this.#now(), (record) => {
      if (time !== undefined) advanceCpuClock(record, Math.floor(upSeconds * TICKS_PER_SECOND), cpus, time);
      return readCpuClock(record, cpus.cpus);
    });
  }

  #loadOf(key: number): LoadSample | undefined {
    return this.#ledger.update(key, this.#now(), (record) => {
      if (record.sampledAtMillis === 0) return undefined;
      const [one = 0, five = 0, fifteen = 0] = record.loads;
      const [running = 0, blocked = 0, threads = 0, lastPid = 0] = record.threadCounts;
      return { loads: [one, five, fifteen], running, blocked, threads, lastPid };
    });
  }

  readonly #loaders: Loaders = {
    hostText: ({ path }) => this.#files.text(path),
    hostCpuinfo: ({ container }) =>
      this.#cpuinfo32 !== undefined && isLinux32(this.#files, container.identity)
        ? this.#cpuinfo32
        : this.#files.text("proc/cpuinfo"),
    hostMeminfo: () => parseMeminfo(this.#files.text("proc/meminfo")),
    hostUptime: () => parseUptime(this.#files.text("proc/uptime")),
    memory: ({ container: { cgroups } }) =>
      cgroups.memory && readMemory(this.#files, cgroups.memory, this.#options.memoryHigh),
    hugetlb: (inputs) => {
      const pageKib = meminfoValue(inputs.get("hostMeminfo"), "Hugepagesize");
      const { hugetlb } = inputs.container.cgroups;
      return hugetlb && pageKib ? readHugetlb(this.#files, hugetlb, pageKib) : undefined;
    },
    cpus: ({ container }) => this.cpusOf(container),
    start: ({ container }) => this.startOf(container),
    cpuTicks: (inputs) => {
      const { key, cgroups } = inputs.container;
      const upSeconds = upSecondsOf(inputs.get("hostUptime").upSeconds, inputs.get("start")?.startTicks);
      const time = readCpuTime(this.#files, cgroups.cpu, cgroups.cpuacct);
      return this.#tellCpuTicks(key, upSeconds, inputs.get("cpus"), time);
    },
    load: ({ container: { key } }) => this.#loadOf(key),
    io: ({ container: { cgroups } }) => readIo(this.#files, cgroups.io),
    allowedDevices: ({ container: { cgroups } }) => readAllowedDevices(this.#files, cgroups.devices),
    pressure: ({ container, path }) => {
      const own = pressureFileOf(container, path);
      return own === undefined ? undefined : this.#files.textIfAny(own);
    },
    slabinfo: ({ container: { cgroups } }) => {
      const text = cgroups.memory && this.#files.textIfAny(`${directoryOf(cgroups.memory)}/memory.kmem.slabinfo`);
      return text === "" ? undefined : text;
    },
    siblings: (inputs) =>
      inputs.get("cpus").cpus.map((cpu) => {
        const file = `${CPU_DIRECTORY}/cpu${cpu}/topology/thread_siblings_list`;
        return this.#files.textIfAny(file) ?? String(cpu);
      }),
  };
}

type Loaders = { readonly [Name in Exclude<keyof Inputs, "shownSeconds">]: (inputs: Gathering) => Inputs[Name] };

/** The inputs of one rendering, each read once: what is derived from another is derived from the same reading. */
class Gathering {
  readonly container: Container;
  readonly path: string;
  readonly gathered: Partial<Inputs> = {};
  readonly #loaders: Loaders;

  constructor(loaders: Loaders, container: Container, path: string) {
    this.#loaders = loaders;
    this.container = container;
    this.path = path;
  }

  get<Name extends keyof Loaders>(name: Name): Inputs[Name] {
    if (!(name in this.gathered)) this.gathered[name] = this.#loaders[name](this);
    return this.gathered[name] as Inputs[Name];
  }
}
