// procview status: the mount, the containers that have files of it, and how it stands with each file.

import { Command } from "commander";
import { addNodeFlags, Node, type NodeFlags } from "../node.ts";
import { write, writeJson } from "../output.ts";
import { requireRoot } from "../preconditions.ts";
import { formatContainers, statusOf } from "../report-text.ts";

export const statusCommand: Command = addNodeFlags(
  new Command("status").description("list containers, their files, and whose they show: own, host's, or stale"),
).action(async (flags: NodeFlags) => {
  requireRoot();
  using node = new Node(flags);
  const { mountRoot, device } = node;
  const served = node.answers();
  const names = node.containerNames();
  const containers = (await node.look()).map((report) => statusOf(report, names));
  if (flags.json) {
    writeJson({ mount: mountRoot, device, served, containers });
    return;
  }
  const state = device === undefined ? "not mounted" : `device ${device}, ${served ? "serving" : "does not answer"}`;
  write(`${mountRoot}: ${state}\n${formatContainers(containers)}`);
});
