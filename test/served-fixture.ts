// The real file system over a captured machine, driven by messages instead of a device.

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rendererFor } from "../cli/subject.ts";
import { ALL_FILES } from "../contract/file-names.ts";
import { Containers } from "../node-agent/container/containers.ts";
import { findHierarchies } from "../node-agent/container/hierarchies.ts";
import { ContainerResolver } from "../node-agent/container/resolve-container.ts";
import { ContainerContents } from "../node-agent/container-contents.ts";
import { type Attributes, Reply } from "../node-agent/fuse/reply.ts";
import { Request } from "../node-agent/fuse/request.ts";
import { answer } from "../node-agent/fuse/session.ts";
import type { HostFiles } from "../node-agent/host/host-files.ts";
import { type Deferral, FileSystem } from "../node-agent/vfs/file-system.ts";
import { Generations } from "../node-agent/vfs/generations.ts";
import type { NodeId } from "../node-agent/vfs/node-id.ts";
import { OpenedFiles, shareOpenedFiles } from "../node-agent/vfs/opened-files.ts";
import { shareGenerations } from "../node-agent/vfs/shared-generations.ts";
import { Tree } from "../node-agent/vfs/tree.ts";
import { DEFAULT_VIEW_OPTIONS, type ViewOptions } from "../node-agent/view/view-options.ts";
import { type ReplyFields, readReply } from "./fuse-messages.ts";

export interface ServedFixture {
  containers: Containers;
  /** What a request is answered; undefined where nothing is owed. */
  ask(bytes: Buffer): ReplyFields | undefined;
  /** Errors that were no FuseError. */
  failures: unknown[];
  renderFailures: { path: string; served: string }[];
}

const MAX_BODY_BYTES = 512 * 1024;

/** Serves a captured machine. */
export function serveFixture(
  files: HostFiles,
  { freshnessMillis = 100, view = DEFAULT_VIEW_OPTIONS }: { freshnessMillis?: number; view?: ViewOptions } = {},
): ServedFixture {
  const stateFd = temporaryFile();
  const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));
  const failures: unknown[] = [];
  const waiting: NodeId[] = [];
  const released: { lookup: boolean; attributes: Attributes }[] = [];
  const renderFailures: ServedFixture["renderFailures"] = [];
  const contents = new ContainerContents(
    files,
    containers,
    rendererFor(files, view),
    {
      met: () => undefined,
      turnForced: () => undefined,
      renderFailed: (path, _error, served) => renderFailures.push({ path, served }),
    },
    () => ({ sampled: freshnessMillis, limits: freshnessMillis }),
  );
  const generations = shareGenerations(stateFd);
  const deferral: Deferral = {
    mayDropPages: true,
    mayWait: () => true,
    waits: (node) => waiting.push(node),
    dropPages: () => undefined,
    dropAttributes: () => undefined,
    storePages: () => true,
    raise: () => false,
    passed: () => undefined,
    release: ({ lookup }, attributes) => released.push({ lookup, attributes }),
  };
  const operations = new FileSystem({
    tree: new Tree(new Set(ALL_FILES)),
    generations: new Generations(generations, stateFd, true),
    opened: new OpenedFiles(shareOpenedFiles(generations, stateFd, freshnessMillis === 0, 1), stateFd, deferral),
    contents,
    deferral,
  });
  const observer = { answered: () => undefined, failed: (error: unknown) => failures.push(error) };
  const buffer = Buffer.alloc(16_384);
  const request = new Request(buffer);
  const reply = new Reply(MAX_BODY_BYTES);
  /** Has who waits wait until the file has turned. Returns false where nobody does. */
  const answeredLate = (): boolean => {
    const node = waiting.pop();
    if (node === undefined) return false;
    while (operations.overdue(node));
    const late = released.pop();
    assert.ok(late !== undefined);
    return late.lookup ? reply.entry(request, late.attributes) : reply.attributes(request, late.attributes);
  };
  return {
    containers,
    failures,
    renderFailures,
    ask(bytes) {
      bytes.copy(buffer);
      if (!answer({ operations, observer }, request, reply, bytes.length) && !answeredLate()) return undefined;
      return readReply(Buffer.from(reply.buffer.subarray(0, reply.length)));
    },
  };
}

function temporaryFile(): number {
  const folder = mkdtempSync(join(tmpdir(), "procview-state-"));
  const fd = openSync(join(folder, "state"), "w+");
  rmSync(folder, { recursive: true });
  process.once("exit", () => closeSync(fd));
  return fd;
}
