// procview prestart: clears the way for a server - makes the directory, takes a dead mount off it (ExecStartPre).

import { mkdirSync } from "node:fs";
import { Command } from "commander";
import { CliError } from "../exit-codes.ts";
import { addRootFlag, Node, type NodeFlags } from "../node.ts";
import { write } from "../output.ts";
import { requireRoot } from "../preconditions.ts";

/** More dead mounts than this on one place are somebody's mistake. */
const MAX_LAYERS = 16;

export const prestartCommand: Command = addRootFlag(
  new Command("prestart").description("make the directory of the tree, and free it of a dead mount"),
).action(async (flags: NodeFlags) => {
  requireRoot();
  using node = new Node(flags);
  if (node.answers()) throw new CliError("alreadyMounted", `${node.mountRoot} is served already`);
  const { MNT_DETACH, UMOUNT_NOFOLLOW, umount2 } = await import("../../node-agent/linux/syscalls.ts");
  for (let layer = 0; node.device !== undefined; layer += 1) {
    if (layer === MAX_LAYERS) throw new CliError("deadMount", `${node.mountRoot} is mounted over and over; umount it`);
    umount2(node.mountRoot, MNT_DETACH | UMOUNT_NOFOLLOW);
    write(`removed a dead mount from ${node.mountRoot}\n`);
  }
  mkdirSync(node.mountRoot, { recursive: true });
});
