// Captured machines: test/fixtures/hosts/*.txtar, laid out as a folder so that the real reading code runs on them.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HostFiles } from "../node-agent/host/host-files.ts";

const FOLDER = new URL("./fixtures/hosts/", import.meta.url).pathname;

export const HOSTS: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".txtar"))
  .map((name) => name.slice(0, -".txtar".length))
  .sort();

export interface ArchiveEntry {
  path: string;
  content?: string;
  link?: string;
}

const HEADER = /^-- (\S+)(?: -> (\S+)| \((no newline|empty)\))? --$/;

/** Cuts an archive into its files. See test/fixtures/hosts/ORIGIN.md for the format. */
export function parseArchive(text: string): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  let lines: string[] = [];
  let mark: string | undefined;
  const close = (): void => {
    const last = entries.at(-1);
    if (last === undefined || last.link !== undefined) return;
    const content = mark === "empty" ? "" : lines.map((line) => `${line}\n`).join("");
    last.content = mark === "no newline" ? content.slice(0, -1) : content;
  };
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const header = HEADER.exec(line);
    if (header === null) {
      lines.push(line);
      continue;
    }
    close();
    const [, path = "", link, kind] = header;
    entries.push(link === undefined ? { path } : { path, link });
    lines = [];
    mark = kind;
  }
  close();
  return entries;
}

const archives = new Map<string, ArchiveEntry[]>();

/** The files of a captured machine. */
export function archiveOf(host: string): ArchiveEntry[] {
  const known = archives.get(host) ?? parseArchive(readFileSync(join(FOLDER, `${host}.txtar`), "latin1"));
  archives.set(host, known);
  return known;
}

/** One captured file; throws where the machine has none. */
export function capturedFile(host: string, path: string): string {
  const content = archiveOf(host).find((entry) => entry.path === path)?.content;
  if (content === undefined) throw new Error(`${host} has no ${path}`);
  return content;
}

const folders = new Map<string, string>();

/** The captured machine as files on disk, removed when the test process ends. */
export function hostFiles(host: string): HostFiles {
  const folder = folders.get(host) ?? unpack(archiveOf(host));
  folders.set(host, folder);
  return new HostFiles({ procfs: join(folder, "proc"), sysfs: join(folder, "sys") });
}

/** Writes entries below a new temporary folder. */
export function unpack(entries: readonly ArchiveEntry[]): string {
  const folder = mkdtempSync(join(tmpdir(), "procview-host-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const { path, content, link } of entries) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (link === undefined) writeFileSync(file, content ?? "", "latin1");
    else symlinkSync(link, file);
  }
  return folder;
}
