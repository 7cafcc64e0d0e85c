import assert from "node:assert/strict";
import { compileContainerFilters } from "../../src/inputs/container_filters_section.ts";
import { testReport } from "../support/plugin_context.ts";
import { mapOf, pod } from "./containers.ts";

const given = pod("c1", {
  labels: mapOf({ a: "label" }),
  podLabels: mapOf({ a: "pod" }),
  env: mapOf({ a: "env" }),
});

/** What the schema makes of a section: options that are left out are absent. */
type Section = Parameters<typeof compileContainerFilters>[0];

async function accepts(options: Record<string, unknown> | undefined): Promise<boolean> {
  const report = testReport();
  const filter = await compileContainerFilters(options as Section, "ContainerFilters", report);
  assert.deepEqual(report.problems, []);
  return filter.accepts(given);
}

Deno.test("compileContainerFilters gives each option its own part of a container", async () => {
  assert.ok(await accepts(undefined));
  const values = { K8sLabel: "pod", ContainerLabel: "label", Env: "env" };
  for (const [name, value] of Object.entries(values)) {
    assert.ok(await accepts({ [`Include${name}`]: { a: value } }), name);
    assert.ok(!await accepts({ [`Include${name}`]: { a: "other" } }), name);
    assert.ok(!await accepts({ [`Exclude${name}`]: { a: value } }), name);
  }
  for (const [name, regex] of [["Namespace", "shop"], ["Pod", "web-0"], ["Container", "nginx"]]) {
    assert.ok(await accepts({ [`K8s${name}Regex`]: `^${regex}$` }), name);
    assert.ok(!await accepts({ [`K8s${name}Regex`]: "^other$" }), name);
  }
});

Deno.test("compileContainerFilters names the option that is wrong", async () => {
  const report = testReport();
  await compileContainerFilters({ K8sPodRegex: "(" } as Section, "ContainerFilters", report);
  assert.match(report.problems.join(), /^error ContainerFilters\.K8sPodRegex /);
});
