// One file for one container: gathers the inputs the file's view names, has it rendered, and hands out the bytes.
// No FUSE in sight: `procview show` takes the same path.

import { directoryOf } from "./cgroup/cgroup.ts";
import type { Container } from "./container/container.ts";
import { readCpuLimits, readCpuTime } from "./container/read-cpu.ts";
import { readHugetlb } from "./container/read-hugetlb.ts";
import { readAllowedDevices, readIo } from "./container/read-io.ts";
import { readMemory } from "./container/read-memory.ts";
import { readStartTicks } from "./container/read-start.ts";
import { HostFileError, type HostFiles } from "./host/host-files.ts";
import { parseCpuList } from "./procfs/cpu-list.ts";
import { meminfoValue, parseMeminfo } from "./procfs/meminfo.ts";
import { parseUptime } from "./procfs/uptime.ts";
import type { LoadSample } from "./view/loadavg.ts";
import { type Inputs, viewOf } from "./view/registry.ts";
import type { ViewOptions } from "./view/view-options.ts";
import { type VisibleCpus, visibleCpus } from "./view/visible-cpus.ts";

const CPU_DIRECTORY = "sys/devices/system/cpu";

/** Tells the latest load of a container; the sampler's, or none. */
export type LoadOf = (key: number) => LoadSample | undefined;

export class FileRenderer {
  readonly #files: HostFiles;
  readonly #options: ViewOptions;
  readonly #loadOf: LoadOf;
  readonly #startTicks = new Map<number, number>();

  constructor(files: HostFiles, options: ViewOptions, loadOf: LoadOf) {
    this.#files = files;
    this.#options = options;
    this.#loadOf = loadOf;
  }

  /** The host's own bytes. Throws HostFileError. */
  renderHost(path: string): Buffer {
    return this.#files.bytes(path);
  }

  /** The bytes of a file as the container sees them. Throws HostFileError or ParseError. */
  render(container: Container, path: string): Buffer {
    const view = viewOf(path);
    if (view === undefined) throw new HostFileError(path, "no view knows it");
    const inputs: Partial<Inputs> = {};
    for (const name of view.inputs) this.#gather(inputs, name, container, path);
    return Buffer.from(view.render(inputs as Inputs, this.#options), "latin1");
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

  /** When the container started, in ticks since boot; remembered, since its oldest process may end. */
  startTicksOf(container: Container): number | undefined {
    const known = this.#startTicks.get(container.key);
    if (known !== undefined) return known;
    const found = readStartTicks(this.#files, container.identity);
    if (found !== undefined) this.#startTicks.set(container.key, found);
    return found;
  }

  #gather<Name extends keyof Inputs>(inputs: Partial<Inputs>, name: Name, container: Container, path: string): void {
    inputs[name] = this.#loaders[name](container, path);
  }

  readonly #loaders: { [Name in keyof Inputs]: (container: Container, path: string) => Inputs[Name] } = {
    hostText: (_container, path) => this.#files.text(path),
    hostMeminfo: () => parseMeminfo(this.#files.text("proc/meminfo")),
    hostUptime: () => parseUptime(this.#files.text("proc/uptime")),
    memory: ({ cgroups: { memory } }) => memory && readMemory(this.#files, memory),
    hugetlb: ({ cgroups: { hugetlb } }) => {
      const pageKib = meminfoValue(parseMeminfo(this.#files.text("proc/meminfo")), "Hugepagesize");
      return hugetlb && pageKib ? readHugetlb(this.#files, hugetlb, pageKib) : undefined;
    },
    cpus: (container) => this.cpusOf(container),
    cpuTime: ({ cgroups: { cpu, cpuacct } }) => readCpuTime(this.#files, cpu, cpuacct),
    startTicks: (container) => this.startTicksOf(container),
    load: ({ key }) => this.#loadOf(key),
    io: ({ cgroups: { io } }) => readIo(this.#files, io),
    allowedDevices: ({ cgroups: { devices } }) => readAllowedDevices(this.#files, devices),
    pressure: ({ cgroups: { pressure } }, path) =>
      pressure && this.#files.textIfAny(`${directoryOf(pressure)}/${path.slice("proc/pressure/".length)}.pressure`),
    slabinfo: ({ cgroups: { memory } }) => {
      const text = memory && this.#files.textIfAny(`${directoryOf(memory)}/memory.kmem.slabinfo`);
      return text === "" ? undefined : text;
    },
    siblings: (container) =>
      this.cpusOf(container).cpus.map(
        (cpu) => this.#files.textIfAny(`${CPU_DIRECTORY}/cpu${cpu}/topology/thread_siblings_list`) ?? String(cpu),
      ),
  };
}
