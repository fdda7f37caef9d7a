// The documents say what the program does.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { program } from "../cli/main.ts";
import { generate } from "../docs/generate.ts";

const ROOT = new URL("..", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, ROOT), "utf8");

test("the generated parts of the README are up to date: npm run docs", () => {
  assert.equal(generate(read("README.md")), read("README.md"));
});

test("every link in a document leads somewhere", () => {
  for (const name of [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/node.md",
    "docs/performance.md",
    "docs/accuracy.md",
    ...readdirSync(new URL("docs/adr", ROOT)).map((file) => `docs/adr/${file}`),
  ]) {
    for (const [, target] of read(name).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      assert.doesNotThrow(() => readdirOrFile(new URL(target!, new URL(name, ROOT))), `${name} -> ${target}`);
    }
  }
});

test("every flag the README names exists", async () => {
  const flags = (await program()).commands.flatMap((command) =>
    command.options.flatMap(({ long, short }) => [long, short]),
  );
  for (const [, flag] of read("README.md").matchAll(/`(--[a-z-]+)/g)) {
    const ours = [...flags, "--help", "--all", "--enable-cfs"];
    assert.ok(ours.includes(flag), `${flag} is no flag`);
  }
});

test("every room of the tree is in ARCHITECTURE.md", () => {
  const rooms = readdirSync(new URL("node-agent", ROOT)).map((name) => name);
  for (const room of rooms) assert.ok(read("ARCHITECTURE.md").includes(`  ${room}`), room);
});

function readdirOrFile(url: URL): void {
  try {
    readFileSync(url);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
  }
}
