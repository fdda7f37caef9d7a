// The documents say what the program does.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { program } from "../cli/main.ts";
import { GENERATED, generate } from "../docs/generate.ts";
import { allMetrics, generateMetrics } from "../docs/metrics.ts";

const ROOT = new URL("..", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, ROOT), "utf8");

test("the generated parts of the READMEs are up to date: npm run docs", () => {
  for (const readme of GENERATED) {
    const text = readFileSync(readme, "utf8");
    assert.equal(generate(text), text, readme.pathname);
  }
});

test("the tables of metrics are up to date: npm run docs", async () => {
  assert.equal(await generateMetrics(read("docs/metrics.md")), read("docs/metrics.md"));
});

test("every metric that a source names is in docs/metrics.md", async () => {
  const known = new Set((await allMetrics()).map(({ name }) => name));
  const sources = ["node-agent", "webhook"].flatMap((room) =>
    readdirSync(new URL(room, ROOT), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${room}/${name}`),
  );
  for (const source of sources) {
    for (const [, name = ""] of read(source).matchAll(/"(procview_[a-z0-9_]*[a-z0-9])"/g)) {
      assert.ok(known.has(name), `${source} has ${name}: give docs/metrics.ts the function that makes it`);
    }
  }
});

test("every link in a document leads somewhere", () => {
  for (const name of [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "charts/procview/README.md",
    "docs/node.md",
    "docs/troubleshooting.md",
    "docs/metrics.md",
    ...readdirSync(new URL("docs/runbooks", ROOT)).map((file) => `docs/runbooks/${file}`),
    "docs/performance.md",
    "docs/accuracy.md",
    ...readdirSync(new URL("docs/adr", ROOT)).map((file) => `docs/adr/${file}`),
  ]) {
    for (const [, target] of read(name).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
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
