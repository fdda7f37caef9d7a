// procview show FILE: what a process reads in a virtual file, the same bytes without FUSE.

import { Command } from "commander";
import { readCpuinfo32 } from "../../node-agent/read-cpuinfo32.ts";
import { parseFile } from "../option-values.ts";
import { write, writeJson } from "../output.ts";
import { addViewFlags, type ViewFlags, viewOptions } from "../server-flags.ts";
import { addSubjectFlags, rendererFor, type SubjectFlags, subjectOf } from "../subject.ts";

export const showCommand: Command = addViewFlags(
  addSubjectFlags(
    new Command("show")
      .description("print a virtual file as a process sees it")
      .argument("<file>", "such as meminfo, pressure/cpu or cpu/online"),
  ),
).action(async (file: string, flags: SubjectFlags & ViewFlags) => {
  const path = parseFile(file);
  const { pid, files, container } = subjectOf(flags);
  const renderer = rendererFor(files, viewOptions(flags), await readCpuinfo32(files));
  const bytes = container === "host" ? renderer.renderHost(path) : renderer.render(container, path, 0);
  if (flags.json) writeJson({ path: `/${path}`, pid, container: describe(container), text: bytes.toString("latin1") });
  else write(bytes);
});

function describe(container: ReturnType<typeof subjectOf>["container"]): object | "host" {
  return container === "host" ? container : { id: container.id, rule: container.rule, cgroup: container.identity.path };
}
