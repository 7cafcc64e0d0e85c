/** What stands in fenced blocks parses, or runs and gives what the page says. */
import assert from "node:assert/strict";
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { VERSION } from "../../src/cli/version.ts";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { printProblems } from "../../src/config/print_problems.ts";
import type { Plugin } from "../../src/core/plugin.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { projectRoot } from "../support/paths.ts";
import { testContext } from "../support/plugin_context.ts";
import { type Fields, makeBatch, makeProcessor, readBatch } from "../support/run_processors.ts";
import { document, documents, type Fence, fences } from "./markdown.ts";
import { processorTrim } from "./processor_trim.ts";
import { startChild } from "../support/child.ts";

const { tasks } = JSON.parse(Deno.readTextFileSync(`${projectRoot}/deno.json`));
const V8_FLAGS: string = /--v8-flags=\S+/.exec(tasks.start.command)?.[0] ?? "";

/** One line of a shell block: a task that exists, or a command line that this program takes. */
function checkCommand(line: string): void {
  const task = /^(?:npx -y deno@2\.9\.6|deno) task (\S+)/.exec(line)?.[1];
  if (task !== undefined) {
    assert.ok(tasks[task] !== undefined, `there is no task '${task}'`);
    return;
  }
  const args = /^deno run -A main\.ts (.*)$/.exec(line)?.[1];
  assert.ok(args !== undefined, `'${line}' is none of the commands that this test knows`);
  assert.notEqual(parseCommandLine(args.split(" "), VERSION).kind, "usage", line);
}

function checkPipeline(fence: Fence): void {
  const { problems } = readPipelineFile("page.yaml", fence.body, PLUGINS, {
    env: () => undefined,
    readText: () => null,
  });
  assert.equal(problems.length, 0, printProblems(problems));
}

for (const page of documents()) {
  for (const fence of fences(page)) {
    const name = `${page.path}:${fence.line}`;
    if (fence.language === "sh") {
      Deno.test(`${name}: the commands exist`, () => {
        for (const line of fence.body.trimEnd().split("\n")) checkCommand(line);
      });
    } else if (fence.language === "yaml") {
      Deno.test(`${name}: the pipeline has no problems`, () => checkPipeline(fence));
    } else if (fence.language === "json") {
      Deno.test(`${name}: the JSON is some`, () => {
        JSON.parse(fence.body);
      });
    }
  }
}

function block(page: string, info: string): string {
  const found = fences(document(page)).find((fence) => fence.info === info);
  assert.ok(found !== undefined, `${page} has no block '${info}'`);
  return found.body;
}

/** The first event that the program prints; then it is told to stop. */
async function firstEvent(args: string[]): Promise<string> {
  const child = startChild(["run", "-A", "--quiet", V8_FLAGS, `${projectRoot}/main.ts`, ...args]);
  await child.saw("\n");
  child.kill("SIGTERM");
  const { code, out, err } = await child.ended();
  assert.equal(code, 0, err);
  return out.split("\n")[0];
}

Deno.test("README.md: the pipeline prints what the page shows", async () => {
  const folder = Deno.makeTempDirSync();
  const here = (text: string) => text.replaceAll("/tmp/denotail-demo", folder);
  try {
    for (const name of ["log", "conf"]) Deno.mkdirSync(`${folder}/${name}`);
    Deno.writeTextFileSync(`${folder}/log/access.log`, block("README.md", "access.log"));
    Deno.writeTextFileSync(`${folder}/conf/demo.yaml`, here(block("README.md", "demo.yaml")));
    const shown = JSON.parse(here(block("README.md", "output")));
    const command = fences(document("README.md")).find((fence) => fence.body.includes("main.ts run"));
    const args = here(command!.body).trim().split(" ").slice(4);
    const printed = JSON.parse(await firstEvent(args));
    assert.ok(Math.abs(printed.Time - Date.now() / 1000) < 60);
    assert.deepEqual({ ...printed, Time: 0 }, { ...shown, Time: 0 });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("README.md: the problem is printed as the page shows", () => {
  const shown = fences(document("README.md")).find(({ body }) => body.startsWith("error "));
  const text = "enable: true\ninputs:\n  - Type: service_docker_stdout\n    Stder: false\n";
  const { problems } = readPipelineFile("bad.yaml", text, PLUGINS, {
    env: () => undefined,
    readText: () => null,
  });
  assert.ok(printProblems(problems).includes(shown!.body), printProblems(problems));
});

Deno.test("CONTRIBUTING.md: the plugin is the one that is checked here", () => {
  const file = Deno.readTextFileSync(new URL("processor_trim.ts", import.meta.url));
  assert.equal(block("CONTRIBUTING.md", "processor_trim"), file.replaceAll('"../../src/', '"../'));
});

Deno.test("CONTRIBUTING.md: the plugin does what its example says", async () => {
  const plugin = processorTrim as unknown as Plugin<"processor">;
  for (const { given, gives } of processorTrim.examples) {
    const context = testContext();
    const processor = await makeProcessor(plugin, { SourceKey: "content" }, context);
    const batch = makeBatch(context.keys, given as readonly Fields[]);
    processor.process(batch);
    assert.deepEqual(readBatch(batch), gives);
  }
});
