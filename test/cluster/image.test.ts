// The images that `npm run image` builds: each has programs of its platform alone. That each of them starts was seen when it
// was built, under QEMU where this machine is another.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { version } from "../../contract/version.ts";
import { storeOf } from "../../packaging/image/buildah.ts";
import { PLATFORMS, type Platform } from "../../packaging/image/platforms.ts";

/** e_machine of elf(5). */
const MACHINE: Readonly<Record<string, number>> = { amd64: 0x3e, arm64: 0xb7 };
const ELF = "\x7fELF";
const HEADER_BYTES = 20;
const MACHINE_AT = 18;
/** What runs, and what is loaded by it. */
const PROGRAMS = [/^usr\/local\/bin\/node$/, /^procview\/keeper\/build\/keeper-/, /\/koffi\.node$/, /\/libc\.so\.6$/];

function archiveOf(platform: Platform): string {
  return join(storeOf(platform).folder, `procview-${version}.tar`);
}

function untar(archive: string, folder: string): void {
  const { status, stderr } = spawnSync("tar", ["-C", folder, "-xf", archive], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

/** Of each ELF file its machine. */
function machinesIn(folder: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const header = Buffer.alloc(HEADER_BYTES);
    const fd = openSync(path, "r");
    readSync(fd, header, 0, HEADER_BYTES, 0);
    closeSync(fd);
    if (header.toString("latin1", 0, ELF.length) === ELF) {
      found.set(path.slice(folder.length + 1), header.readUInt16LE(MACHINE_AT));
    }
  }
  return found;
}

describe("an image", () => {
  for (const platform of PLATFORMS) {
    const archive = archiveOf(platform);
    const skip = existsSync(archive) ? false : `no ${archive}: run "npm run image -- --platform ${platform.name}"`;
    test(`for ${platform.name} has programs of that platform alone`, { skip }, () => {
      const folder = mkdtempSync(join(tmpdir(), "procview-image-"));
      try {
        untar(archive, folder);
        const [{ Config, Layers }] = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
        const { architecture } = JSON.parse(readFileSync(join(folder, Config), "utf8"));
        assert.equal(architecture, platform.architecture);
        const root = mkdtempSync(join(folder, "root-"));
        for (const layer of Layers) untar(join(folder, layer), root);
        const machines = machinesIn(root);
        const foreign = [...machines].filter(([, machine]) => machine !== MACHINE[platform.architecture]);
        assert.deepEqual(foreign, []);
        for (const program of PROGRAMS) {
          assert.ok(
            [...machines.keys()].some((path) => program.test(path)),
            `${program} of ${[...machines.keys()]}`,
          );
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
