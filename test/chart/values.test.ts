// values.yaml, its schema and the program say the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { valueRows } from "../../charts/values-table.ts";
import { program } from "../../cli/main.ts";
import { FILE_NAMES } from "../../contract/file-names.ts";
import { helm } from "../cluster/helm-binary.ts";
import { CHART, find, render, renderText, skip } from "./render.ts";

interface Schema {
  $ref?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
}

const schema: Schema & { definitions: Record<string, Schema> } = JSON.parse(
  readFileSync(`${CHART}/values.schema.json`, "utf8"),
);
const values = parse(readFileSync(`${CHART}/values.yaml`, "utf8"));
const commandLine = await program();

function resolve(part: Schema | undefined): Schema {
  const name = part?.$ref?.split("/").at(-1);
  return name === undefined ? (part ?? {}) : (schema.definitions[name] ?? {});
}

function at(path: string): Schema {
  return path.split(".").reduce<Schema>((part, key) => resolve(part.properties?.[key]), schema);
}

function leaves(part: Schema, prefix = ""): string[] {
  return Object.entries(part.properties ?? {}).flatMap(([key, each]) => {
    const below = leaves(resolve(each), `${prefix}${key}.`);
    return below.length > 0 ? below : [`${prefix}${key}`];
  });
}

test("the defaults are what the schema allows", () => {
  const validate = new Ajv({ strict: false }).compile(schema);
  assert.ok(validate(values), JSON.stringify(validate.errors));
});

test("every value is in the schema, every property of the schema in values.yaml, and has a comment", () => {
  const rows = valueRows();
  for (const { name, comment } of rows) {
    assert.notDeepEqual(at(name), {}, `${name} is not in values.schema.json`);
    assert.match(comment, /^\S.*[.`)]$/, `${name} has no sentence`);
  }
  const known = rows.map(({ name }) => name);
  const missing = leaves(schema).filter((leaf) => !known.some((name) => leaf === name || leaf.startsWith(`${name}.`)));
  assert.deepEqual(missing, ["global"], "what a parent chart passes to all its parts");
});

test("the schema is closed: a value that is written wrong is refused", { skip }, () => {
  for (const name of ["agnet", "agent.freshnes", "webhook.certificates.modes", "image.repo", "metrics.monitor"]) {
    assert.throws(() => renderText({ values: { [name]: "x" } }), /additional properties|not allowed/i, name);
  }
  for (const [name, value] of [
    ["agent.freshness", "1 minute"],
    ["agent.cpuView", "shares"],
    ["webhook.timeoutSeconds", 31],
    ["injection.labels", []],
    ["files", ["cpuinof"]],
    ["rootDirectory", "/"],
    ["image.digest", "latest"],
  ] as const) {
    assert.throws(() => renderText({ values: { [name]: value } }), /values don't meet/, name);
  }
});

test("as a part of another chart it takes what that one shares", { skip }, () => {
  renderText({ values: { "global.imageRegistry": "example" } });
});

test("choices are those of the command line", () => {
  const choices = (command: string, flag: string) =>
    commandLine.commands.find((each) => each.name() === command)?.options.find(({ long }) => long === flag)?.argChoices;
  assert.deepEqual(at("agent.cpuView").enum, choices("agent", "--cpu-view"));
  assert.deepEqual(at("logLevel").enum, choices("agent", "--log-level"));
  assert.deepEqual(at("injection.podSecurityDefault").enum, choices("webhook", "--pod-security-default"));
  assert.deepEqual(at("files").items?.enum, FILE_NAMES);
});

const WATCHING = { "agent.watchPods": true, "agent.startupTaint": "procview.io/not-ready" };
const EVERY_FLAG = {
  "agent.swap": false,
  "agent.loadavg": false,
  "agent.memoryHigh": true,
  "agent.heal": false,
  "agent.watchPods": false,
  "agent.extraArgs": ["--hang-timeout=3s"],
  files: ["meminfo", "cpu"],
  "injection.attachFiles": ["meminfo"],
  "webhook.extraArgs": ["--drain=1s"],
};

for (const [what, given] of Object.entries({ "the defaults": WATCHING, "every flag": EVERY_FLAG })) {
  test(`${what}: the arguments are ones that the commands take`, { skip }, () => {
    const objects = render({ values: given });
    for (const { kind, ...object } of objects.filter((each) =>
      ["DaemonSet", "Deployment", "Job"].includes(each.kind),
    )) {
      const [name, ...args] = object["spec"].template.spec.containers[0].args as string[];
      const command = commandLine.commands.find((each) => each.name() === name);
      assert.ok(command !== undefined, name);
      command.exitOverride().configureOutput({ writeErr: () => undefined });
      assert.deepEqual(command.parseOptions(args), { operands: [], unknown: [] }, args.join(" "));
    }
  });
}

test("values become flags", { skip }, () => {
  const [off, on] = [{}, EVERY_FLAG].map((given) => {
    const objects = render({ values: given });
    return ["DaemonSet", "Deployment"].map(
      (kind) => find(objects, kind)["spec"].template.spec.containers[0].args as string[],
    );
  });
  const added = (index: number) => on?.[index]?.filter((arg) => !off?.[index]?.includes(arg));
  const agent = ["--no-swap", "--no-loadavg", "--memory-high", "--no-heal", "--files=meminfo,cpu", "--hang-timeout=3s"];
  assert.deepEqual(added(0), agent);
  assert.deepEqual(added(1), ["--attach-files=meminfo", "--files=meminfo,cpu", "--drain=1s"]);
});

test("helm lint finds nothing", { skip }, () => {
  const { status, stdout, stderr } = helm(["lint", "--strict", CHART]);
  assert.equal(status, 0, stdout + stderr);
});
