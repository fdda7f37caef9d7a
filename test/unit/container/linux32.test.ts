import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { rendererFor } from "../../../cli/subject.ts";
import { Containers } from "../../../node-agent/container/containers.ts";
import { findHierarchies } from "../../../node-agent/container/hierarchies.ts";
import { ContainerResolver } from "../../../node-agent/container/resolve-container.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import { asLinux32 } from "../../../node-agent/linux/linux32.ts";
import { parseCpuinfo } from "../../../node-agent/procfs/cpuinfo.ts";
import { DEFAULT_VIEW_OPTIONS } from "../../../node-agent/view/view-options.ts";
import { archiveOf, capturedFile, unpack } from "../../fixture-host.ts";

const HOST = "arm64-6.1-4cpu";
/** The container of the case arm64-podman-cpuset-gap, on CPUs 1 and 3. */
const PID = 457;

/** The captured machine, with another personality for one process: no captured container is 32-bit. */
function cpuinfoFor(personality: string): string {
  const folder = unpack(archiveOf(HOST));
  const files = new HostFiles({ procfs: `${folder}/proc`, sysfs: `${folder}/sys` });
  const container = new Containers(files, new ContainerResolver(files, findHierarchies(files))).ofThread(PID);
  assert.ok(typeof container === "object");
  writeFileSync(`${folder}/proc/${PID}/personality`, personality);
  const renderer = rendererFor(files, DEFAULT_VIEW_OPTIONS, files.text("proc/cpuinfo.linux32"));
  return renderer.render(container, "proc/cpuinfo", 0).toString("latin1");
}

test("a 32-bit container on arm64 is told its CPUs as the kernel tells 32-bit processes", () => {
  const wanted = parseCpuinfo(capturedFile(HOST, "proc/cpuinfo.linux32")).filter(({ cpu }) => cpu === 1 || cpu === 3);
  assert.equal(cpuinfoFor("00000008\n"), wanted.map(({ text }) => text).join(""));
  assert.match(cpuinfoFor("00000008\n"), /^model name\t: ARMv8 Processor/m);
});

test("a 64-bit container is not, whatever flags its personality has", () => {
  assert.doesNotMatch(cpuinfoFor("00040000\n"), /ARMv8 Processor/);
});

test("the personality holds while a file is read and no longer", () => {
  const personality = () => readFileSync("/proc/thread-self/personality", "latin1");
  const before = personality();
  assert.match(asLinux32(personality), /^0*8\n$/);
  assert.equal(personality(), before);
});
