// The shipped dashboard: as its table says, laid out without gaps of sense, and asking for metrics and labels that exist.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ROWS } from "../../../docs/dashboard/panels.ts";
import { concreteQueries, type ShownPanel } from "../../../docs/dashboard/queries.ts";
import { DASHBOARD, dashboardText } from "../../../docs/dashboard/write.ts";
import { allMetrics } from "../../../docs/metrics.ts";
import { lacks } from "../../mount/harness.ts";

const dashboard = JSON.parse(readFileSync(DASHBOARD, "utf8")) as {
  panels: ShownPanel[];
  templating: { list: object[] };
};
const panels = dashboard.panels.filter(({ type }) => type !== "row");

test("is up to date: npm run docs", () => {
  assert.equal(readFileSync(DASHBOARD, "utf8"), dashboardText());
});

test("every panel has a place of its own, a unit, and words", () => {
  const taken = new Set<string>();
  for (const { gridPos, title } of dashboard.panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(!taken.has(`${x} ${y}`), `${title} covers another`);
        taken.add(`${x} ${y}`);
      }
    }
  }
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  for (const { title, description } of ROWS.flatMap((row) => row.panels)) assert.ok(title && description, title);
});

test("every panel asks the data source that was chosen", () => {
  for (const { title, datasource, targets } of panels) {
    for (const asked of [datasource, ...targets.map((target) => target.datasource)]) {
      assert.deepEqual(asked, { type: "prometheus", uid: "$" + "{datasource}" }, title);
    }
  }
});

test("every query names metrics and labels that exist", async () => {
  const metrics = await allMetrics();
  const bySample = new Map(metrics.flatMap((metric) => metric.samples.map((sample) => [sample, metric])));
  for (const { expr } of panels.flatMap(({ targets }) => targets)) {
    for (const [, name = "", selector = ""] of expr.matchAll(/\b(procview_[a-z0-9_]+)(?:\{([^}]*)\})?/g)) {
      const metric = bySample.get(name);
      assert.ok(metric !== undefined, `${name}: ${expr}`);
      for (const [, label = "", values = ""] of selector.matchAll(/(\w+)[=!]~?"([^"]*)"/g)) {
        if (label === "instance") continue;
        for (const value of values.split("|")) {
          assert.ok(metric.labels[label]?.includes(value), `${name} has no ${label}="${value}"`);
        }
      }
    }
  }
});

test("every query is PromQL", { skip: lacks("promtool") }, () => {
  const folder = mkdtempSync(join(tmpdir(), "procview-dashboard-"));
  const rules = concreteQueries(panels).map(({ expr }, index) => ({ record: `query_${index}`, expr }));
  writeFileSync(join(folder, "rules.yaml"), JSON.stringify({ groups: [{ name: "queries", rules }] }));
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", join(folder, "rules.yaml")], {
    encoding: "utf8",
  });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stdout + stderr);
});
