import type { PipelineConfig, PluginConfig } from "../../src/config/pipeline_config.ts";
import { EVENT_WRITERS } from "../../src/core/event_writer.ts";
import { testContext } from "../support/plugin_context.ts";

/** Makes every plugin of a pipeline with contexts that reach nothing: what they report are problems of the file. */
export async function createPlugins(config: PipelineConfig): Promise<void> {
  const nothing = () => {
    throw new Error("BUG: a plugin touched the world while it was made");
  };
  const unused: object = new Proxy({}, { get: (_, name) => name === "then" ? undefined : nothing });
  const context = {
    ...testContext(),
    globals: config.globals,
    node: { name: "node", ip: "", userDefinedId: "default", envTags: [], hostTags: false },
    discovery: unused,
    tail: unused,
    files: unused,
    hostRoot: "/",
    ownContainerId: "",
    flushers: config.flushers.map((flusher) => flusher.id),
    outputs: nothing,
    random: nothing,
    wake: nothing,
    shared: <T>(_key: string, make: () => T): T => make(),
    budget: { holder: () => ({ used: 0, stalled: false, cap: () => 0, close() {} }) },
    host: {
      kafka: { open: nothing, checkPem: () => null },
      codecs: { load: () => Promise.resolve({ name: "gzip", id: 1, level: 1 }) },
      [EVENT_WRITERS]: { stdout: () => unused, file: () => unused },
    },
  };
  const parts: readonly PluginConfig[] = [...config.inputs, ...config.processors, ...config.flushers];
  for (const part of parts) await part.plugin.create(part.options, context as never, part.report);
}
