import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface Entry {
  optionalDependencies?: Record<string, string>;
}

test("the lock file names the packages of other platforms too: npm ci refuses it otherwise", () => {
  // A registry that does not have them all makes `npm install` leave them out.
  const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
  const packages = lock.packages as Record<string, Entry>;
  for (const [name, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const dependency of Object.keys(optionalDependencies)) {
      assert.ok(`node_modules/${dependency}` in packages, `${name} wants ${dependency}`);
    }
  }
});
