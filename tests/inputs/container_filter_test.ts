import assert from "node:assert/strict";
import { ContainerFilter, type FilterOptions, type FilterPaths } from "../../src/inputs/container_filter.ts";
import { container } from "../support/runtime_fixtures.ts";
import { testReport } from "../support/plugin_context.ts";
import { mapOf, pod } from "./containers.ts";

const NONE: FilterOptions = {
  includeLabels: {},
  excludeLabels: {},
  includeK8sLabels: {},
  excludeK8sLabels: {},
  includeEnv: {},
  excludeEnv: {},
  namespaceRegex: "",
  podRegex: "",
  containerRegex: "",
};
const PATHS = Object.fromEntries(
  Object.keys(NONE).map((name) => [name, ["Filters", name]]),
) as unknown as FilterPaths;

async function accepts(options: Partial<FilterOptions>, given = pod()): Promise<boolean> {
  const report = testReport();
  const filter = await ContainerFilter.compile({ ...NONE, ...options }, PATHS, report);
  assert.deepEqual(report.problems, []);
  return filter.accepts(given);
}

Deno.test("ContainerFilter takes every container when nothing is asked", async () => {
  assert.ok(await accepts({}));
  assert.ok(await accepts({}, container("plain")));
});

Deno.test("ContainerFilter looks in one kind of values for each map", async () => {
  const given = pod("c1", {
    labels: mapOf({ a: "label" }),
    podLabels: mapOf({ a: "pod" }),
    env: mapOf({ a: "env" }),
  });
  for (const [key, value] of [["Labels", "label"], ["K8sLabels", "pod"], ["Env", "env"]] as const) {
    assert.ok(await accepts({ [`include${key}`]: { a: value } }, given), key);
    assert.ok(!await accepts({ [`include${key}`]: { a: "other" } }, given), key);
    assert.ok(!await accepts({ [`exclude${key}`]: { a: value } }, given), key);
    assert.ok(await accepts({ [`exclude${key}`]: { a: "other", b: "" } }, given), key);
  }
});

Deno.test("ContainerFilter needs every kind to match", async () => {
  const all = { includeEnv: { STAGE: "prod" }, includeK8sLabels: { app: "nginx" }, namespaceRegex: "^shop$" };
  assert.ok(await accepts(all));
  assert.ok(!await accepts({ ...all, includeLabels: { none: "" } }));
  assert.ok(!await accepts({ ...all, podRegex: "db" }));
});

Deno.test("ContainerFilter gives containers outside Kubernetes empty names", async () => {
  const plain = container("plain", { name: "nginx" });
  assert.ok(!await accepts({ containerRegex: "nginx" }, plain));
  assert.ok(await accepts({ containerRegex: ".*" }, plain));
  assert.ok(await accepts({ namespaceRegex: "^$" }, plain));
  assert.ok(!await accepts({ namespaceRegex: "^$" }));
});

Deno.test("ContainerFilter reports every wrong pattern at its place", async () => {
  const report = testReport();
  await ContainerFilter.compile({ ...NONE, includeEnv: { A: "^(" }, podRegex: "[" }, PATHS, report);
  assert.deepEqual(report.problems, [
    "error Filters.includeEnv.A REGEX_INVALID",
    "error Filters.podRegex REGEX_INVALID",
  ]);
});
