// node fuse-native-server.ts FOLDER DIRECTORY FILE...: serves what the files of this machine hold now, at DIRECTORY, with
// the fuse-native that is installed in FOLDER.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const ENOENT = -2;
const DIRECTORY_MODE = 0o40555;
const FILE_MODE = 0o100444;

type Answer = (status: number, value?: unknown) => void;
type ReadArguments = [path: string, handle: number, buffer: Buffer, length: number, position: number, answer: Answer];

interface FuseNative {
  new (directory: string, operations: object, options: object): { mount(done: (error: Error | null) => void): void };
}

const [folder, directory, ...files] = process.argv.slice(2) as [string, string, ...string[]];
const Fuse: FuseNative = createRequire(join(folder, "package.json"))("fuse-native");

const contents = new Map(files.map((file) => [`/${file}`, readFileSync(`/${file}`)]));
const names = [...contents.keys()];
const startedAt = new Date();

function attributes(mode: number, size: number): object {
  return { mtime: startedAt, atime: startedAt, ctime: startedAt, nlink: 1, size, mode, uid: 0, gid: 0 };
}

const operations = {
  getattr(path: string, answer: Answer): void {
    const content = contents.get(path);
    if (content !== undefined) answer(0, attributes(FILE_MODE, content.length));
    else if (names.some((name) => name.startsWith(path))) answer(0, attributes(DIRECTORY_MODE, 0));
    else answer(ENOENT);
  },
  open(_path: string, _flags: number, answer: Answer): void {
    answer(0, 1);
  },
  read(...[path, , buffer, length, position, answer]: ReadArguments): void {
    answer(contents.get(path)?.copy(buffer, 0, position, position + length) ?? ENOENT);
  },
};

new Fuse(directory, operations, { allowOther: true }).mount((error) => {
  if (error === null) return;
  console.error(error.message);
  process.exitCode = 1;
});
