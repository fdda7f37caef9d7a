// One file for one container: gathers the inputs the file's view names, has it rendered, and hands out the bytes.
// No FUSE in sight: `procview show` takes the same path.

import type { CpuView } from "../../contract/cpu-views.ts";
import { directoryOf } from "../cgroup/cgroup.ts";
import { type Container, pressureFileOf } from "../container/container.ts";
import { podUidOf } from "../container/pod-uid.ts";
import { readCpuTime } from "../container/read-cpu.ts";
import { readHugetlb } from "../container/read-hugetlb.ts";
import { readIo } from "../container/read-io.ts";
import { readMemory, readMemoryStat } from "../container/read-memory.ts";
import { isLinux32 } from "../container/read-personality.ts";
import { type ContainerStart, readStart } from "../container/read-start.ts";
import { HostFileError, type HostFiles } from "../host/host-files.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { parseCpuList } from "../procfs/cpu-list.ts";
import { parseCpuinfo } from "../procfs/cpuinfo.ts";
import { parseDiskstats } from "../procfs/diskstats.ts";
import { meminfoValue, parseMeminfo } from "../procfs/meminfo.ts";
import { parsePartitions } from "../procfs/partitions.ts";
import { parseSlabinfo } from "../procfs/slabinfo.ts";
import { parseStat } from "../procfs/stat.ts";
import { parseSwaps } from "../procfs/swaps.ts";
import { parseUptime } from "../procfs/uptime.ts";
import { parseVmstat } from "../procfs/vmstat.ts";
import { advanceCpuClock, type CpuMicros, type CpuTicksView, readCpuClock } from "../sampler/cpu-clock.ts";
import { SAMPLE_INTERVAL_MILLIS } from "../sampler/load-sampler.ts";
import type { LoadSample } from "../view/loadavg.ts";
import { type Inputs, viewOf } from "../view/registry.ts";
import { upSecondsOf } from "../view/uptime.ts";
import type { ViewOptions } from "../view/view-options.ts";
import { type VisibleCpus, visibleCpus } from "../view/visible-cpus.ts";
import { Gathering, type Loaders } from "./gathering.ts";
import { HostInputs } from "./host-inputs.ts";
import { LimitsCache } from "./limits-cache.ts";
import type { LimitsEpochs } from "./limits-epochs.ts";
import type { PodCpuViews } from "./pod-cpu-views.ts";
import { Polls } from "./polls.ts";

const CPU_DIRECTORY = "sys/devices/system/cpu";
const TICKS_PER_SECOND = 100;
/** What is read of the host is at most so old when it is shown; its own numbers are not what containers are shown. */
const MAX_HOST_AGE_MILLIS = 100;
/** Where everything is to be read now, the host's files are read once for all who ask within that time. */
const FRESH_HOST_AGE_MILLIS = 10;

export interface RendererOptions {
  view: ViewOptions;
  /** Tells milliseconds of CLOCK_MONOTONIC. */
  now: () => number;
  /** /proc/cpuinfo as 32-bit processes are told it, where that differs. */
  cpuinfo32?: string | undefined;
  /** The changes of limits that somebody has seen; without it limits are read again every second. */
  limitsEpochs?: LimitsEpochs;
  /** Pods that want it otherwise than `view`. */
  cpuViews?: PodCpuViews;
}

export class FileRenderer {
  readonly #files: HostFiles;
  readonly #options: RendererOptions;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #host: HostInputs;
  readonly #limits: LimitsCache;
  readonly #polls = new Polls();

  constructor(files: HostFiles, ledger: Ledger, options: RendererOptions) {
    const { now, view, limitsEpochs } = options;
    this.#files = files;
    this.#ledger = ledger;
    this.#options = options;
    this.#now = now;
    this.#host = new HostInputs(files, now);
    this.#limits = new LimitsCache(files, view.memoryHigh, now, limitsEpochs);
  }

  /** The host's own bytes. Throws HostFileError. */
  renderHost(path: string): Buffer {
    return this.#files.bytes(path);
  }

  /**
   * The bytes of a file as the container sees them for the next `shownMillis`; where that is 0, all of its numbers and
   * limits are read now.
   * Throws HostFileError or ParseError.
   */
  render(container: Container, path: string, shownMillis: number): Buffer {
    const view = viewOf(path);
    if (view === undefined) throw new HostFileError(path, "no view knows it");
    const poll = this.#pollOf(container, shownMillis);
    const { inputs } = poll;
    inputs.shownSeconds = shownMillis / 1000;
    for (const name of view.inputs) {
      if (name === "hostText") inputs.hostText = () => this.#host.text(path, poll.hostMaxAgeMillis);
      else if (name === "pressure") inputs.pressure = this.#pressureOf(container, path);
      else if (name !== "shownSeconds") poll.get(name);
    }
    const content = view.render(inputs as Inputs, this.#options.view);
    return typeof content === "string" ? Buffer.from(content, "latin1") : content;
  }

  /** Nothing that was read of a container so far counts any more. */
  forget(key: number): void {
    this.#polls.forget(key);
    this.#limits.forget(key);
  }

  /** The CPUs a container sees, as they were a moment ago unless `fresh`. */
  cpusOf(container: Container, fresh = true): VisibleCpus {
    const online = this.#cpuList("online", fresh ? FRESH_HOST_AGE_MILLIS : MAX_HOST_AGE_MILLIS);
    this.#limits.cpusOnline(online);
    const effectiveCpus = this.#limits.of("effectiveCpus", container, fresh);
    const { quotaCpus } = this.#limits.of("quota", container, fresh);
    return visibleCpus(online, { quotaCpus, effectiveCpus }, this.#cpuViewOf(container));
  }

  /** What its pod asks for, else what the operator has chosen. */
  #cpuViewOf(container: Container): CpuView {
    const { cpuViews, view } = this.#options;
    const uid = cpuViews && podUidOf(container);
    return (uid && cpuViews?.of(uid)) || view.cpuView;
  }

  /** When a container's load will be another, in milliseconds; 0 where it has none, or is not told. */
  millisToNextLoad(key: number): number {
    if (!this.#options.view.loadavg) return 0;
    const now = this.#now();
    const sampledAt = this.#ledger.look(key, now, ({ sampledAtMillis }) => sampledAtMillis) ?? 0;
    return sampledAt === 0 ? 0 : Math.max(0, sampledAt + SAMPLE_INTERVAL_MILLIS - now);
  }

  /** Whether the machine has swap at all. Throws HostFileError, ParseError. */
  hostHasSwap(): boolean {
    return this.#host.parsed("proc/swaps", MAX_HOST_AGE_MILLIS, parseSwaps).areas.length > 0;
  }

  /** All CPUs of the host that it shows, also those that are offline. */
  hostCpus(): readonly number[] {
    return this.#cpuList("present", MAX_HOST_AGE_MILLIS);
  }

  #cpuList(name: string, maxAgeMillis: number): readonly number[] {
    return this.#host.parsed(`${CPU_DIRECTORY}/${name}`, maxAgeMillis, parseCpuList);
  }

  #pollOf(container: Container, shownMillis: number): Gathering {
    const now = this.#now();
    const limitsEpoch = this.#options.limitsEpochs?.of(container.key) ?? 0;
    const known = this.#polls.of(container.key, now);
    if (known?.limitsEpoch === limitsEpoch && shownMillis > 0) return known;
    const hostMaxAgeMillis = Math.min(Math.max(shownMillis, FRESH_HOST_AGE_MILLIS), MAX_HOST_AGE_MILLIS);
    const age = { startedAt: now, limitsEpoch, hostMaxAgeMillis, fresh: shownMillis === 0 };
    const poll = new Gathering(this.#loaders, container, age);
    this.#polls.add(poll);
    return poll;
  }

  #pressureOf(container: Container, path: string): string | undefined {
    const own = pressureFileOf(container, path);
    return own === undefined ? undefined : this.#files.textIfAny(own);
  }

  /** When the container started; remembered, since its oldest process may end. */
  startOf({ key, identity }: Container): ContainerStart | undefined {
    const known = this.#ledger.look(key, this.#now(), ({ startTicks, bootOffsetSeconds }) => ({
      startTicks,
      bootOffsetSeconds,
    }));
    if (known !== undefined && known.startTicks !== 0) return known;
    return this.#ledger.update(key, this.#now(), (record) => {
      const found = readStart(this.#files, identity);
      if (found === undefined) return undefined;
      record.startTicks = found.startTicks;
      record.bootOffsetSeconds = found.bootOffsetSeconds;
      return found;
    });
  }

  /** When the container was met: now, unless another thread, also of a predecessor, has met it before. */
  metAtMillis(container: Container, nowMillis: number): number {
    return this.#ledger.update(container.key, this.#now(), (record) => {
      if (record.metAtMillis === 0) record.metAtMillis = nowMillis;
      return record.metAtMillis;
    });
  }

  /** Brings the container's CPU clock to now and reads it. */
  #tellCpuTicks(key: number, upSeconds: number, cpus: VisibleCpus, time: CpuMicros | undefined): CpuTicksView {
    const now = this.#now();
    const elapsedTicks = Math.floor(upSeconds * TICKS_PER_SECOND);
    // Within a tick the clock stands, and nothing is to be written.
    const told = this.#ledger.look(key, now, (record) =>
      time === undefined || record.elapsedTicks >= elapsedTicks ? readCpuClock(record, cpus.cpus) : undefined,
    );
    if (told !== undefined) return told;
    return this.#ledger.update(key, now, (record) => {
      if (time !== undefined) advanceCpuClock(record, elapsedTicks, cpus, time);
      return readCpuClock(record, cpus.cpus);
    });
  }

  #loadOf(key: number): LoadSample | undefined {
    return this.#ledger.look(key, this.#now(), (record) => {
      if (record.sampledAtMillis === 0) return undefined;
      const [one = 0, five = 0, fifteen = 0] = record.loads;
      const [running = 0, blocked = 0, threads = 0, lastPid = 0] = record.threadCounts;
      return { loads: [one, five, fifteen], running, blocked, threads, lastPid };
    });
  }

  readonly #loaders: Loaders = {
    hostCpuinfo: ({ container, hostMaxAgeMillis }) =>
      this.#options.cpuinfo32 !== undefined && isLinux32(this.#files, container.identity)
        ? parseCpuinfo(this.#options.cpuinfo32)
        : this.#host.parsed("proc/cpuinfo", hostMaxAgeMillis, parseCpuinfo),
    hostDiskstats: ({ hostMaxAgeMillis }) => this.#host.parsed("proc/diskstats", hostMaxAgeMillis, parseDiskstats),
    hostMeminfo: ({ hostMaxAgeMillis }) => this.#host.parsed("proc/meminfo", hostMaxAgeMillis, parseMeminfo),
    hostPartitions: ({ hostMaxAgeMillis }) => this.#host.parsed("proc/partitions", hostMaxAgeMillis, parsePartitions),
    hostStat: ({ hostMaxAgeMillis }) => this.#host.parsed("proc/stat", hostMaxAgeMillis, parseStat),
    hostSwaps: ({ hostMaxAgeMillis }) => this.#host.parsed("proc/swaps", hostMaxAgeMillis, parseSwaps),
    hostVmstat: ({ hostMaxAgeMillis }) => this.#host.parsed("proc/vmstat", hostMaxAgeMillis, parseVmstat),
    // Never an old one: how much time has passed decides what the CPUs can have done.
    hostUptime: () => this.#host.parsed("proc/uptime", 0, parseUptime),
    memory: ({ container, fresh }) => {
      const memory = this.#limits.of("memory", container, fresh);
      return memory && readMemory(this.#files, memory);
    },
    memoryStat: ({ container, fresh }) => {
      const memory = this.#limits.of("memory", container, fresh);
      return memory === undefined ? "" : readMemoryStat(this.#files, memory);
    },
    hugetlb: (inputs) => {
      const meminfo = inputs.get("hostMeminfo");
      const pageKib = meminfoValue(meminfo, "Hugepagesize");
      const { hugetlb } = inputs.container.cgroups;
      const hasPool = pageKib !== undefined && meminfoValue(meminfo, "HugePages_Total") !== 0;
      return hugetlb && hasPool ? readHugetlb(this.#files, hugetlb, pageKib) : undefined;
    },
    cpus: ({ container, fresh }) => this.cpusOf(container, fresh),
    start: ({ container }) => this.startOf(container),
    cpuTicks: (inputs) => {
      const { key, cgroups } = inputs.container;
      const upSeconds = upSecondsOf(inputs.get("hostUptime").upSeconds, inputs.get("start")?.startTicks);
      const time = readCpuTime(this.#files, cgroups.cpu, cgroups.cpuacct);
      return this.#tellCpuTicks(key, upSeconds, inputs.get("cpus"), time);
    },
    load: ({ container: { key } }) => this.#loadOf(key),
    io: ({ container: { cgroups }, hostMaxAgeMillis }) =>
      readIo(this.#files, cgroups.io, (path) => this.#host.textIfAny(path, hostMaxAgeMillis)),
    allowedDevices: ({ container, fresh }) => this.#limits.of("devices", container, fresh),
    slabinfo: ({ container: { cgroups } }) => {
      const text = cgroups.memory && this.#files.textIfAny(`${directoryOf(cgroups.memory)}/memory.kmem.slabinfo`);
      return text === "" ? undefined : text;
    },
    // What columns there are is up to the kernel that runs. To print the rest takes it half a millisecond.
    slabinfoHeaders: (inputs) =>
      inputs.get("slabinfo") === undefined
        ? this.#host.parsed("proc/slabinfo", Number.POSITIVE_INFINITY, (text) => parseSlabinfo(text).headers)
        : [],
    siblings: (inputs) =>
      inputs.get("cpus").cpus.map((cpu) => {
        const file = `${CPU_DIRECTORY}/cpu${cpu}/topology/thread_siblings_list`;
        return this.#files.textIfAny(file) ?? String(cpu);
      }),
  };
}
