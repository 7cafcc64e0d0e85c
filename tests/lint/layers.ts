/** Which layer may import which, as design and ARCHITECTURE.md draw it. Pure: paths in, a sentence or nothing out. */

const MIDDLE = ["config", "discovery", "tail", "processors", "flushers", "checkpoint", "telemetry"];

/** Layers an import may lead to, besides the file's own. `plugins` is src/plugins.ts, `main` is main.ts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  core: ["base"],
  ...Object.fromEntries(MIDDLE.map((layer) => [layer, ["base", "core"]])),
  inputs: ["base", "core", ...MIDDLE],
  plugins: ["base", "core", "inputs", "processors", "flushers"],
  agent: ["base", "core", ...MIDDLE, "inputs", "plugins"],
  cli: ["base", "core", ...MIDDLE, "inputs", "plugins", "agent"],
  host: ["base", "core"],
};

/** `src/core/batch.ts` -> `core`, `src/plugins.ts` -> `plugins`, `main.ts` and `worker.ts` -> `main`, else `undefined`. */
export function layerOf(path: string): string | undefined {
  if (path === "main.ts" || path === "worker.ts") return "main";
  if (path.startsWith("tests/")) return "tests";
  const match = /^src\/([^/]+?)(?:\.ts|\/.*)$/.exec(path);
  return match?.[1];
}

/** Path of a relative import below the repository's root; `undefined` for packages. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const step of specifier.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

/** What is wrong with an import, or `undefined`. Paths are relative to the repository's root. */
export function layerFault(from: string, specifier: string): string | undefined {
  const target = resolveImport(from, specifier);
  const own = layerOf(from);
  if (target === undefined || own === undefined || own === "tests") return undefined;
  const other = layerOf(target);
  if (other === "tests") return "Sources must not import tests";
  if (own === "main" || other === undefined || other === own) return undefined;
  const allowed = MAY_IMPORT[own];
  if (allowed === undefined) return `The folder 'src/${own}' is no layer; see tests/lint/layers.ts`;
  if (allowed.includes(other)) return undefined;
  return `'${own}' must not import '${other}', only ${
    allowed.length === 0 ? "itself" : allowed.map((layer) => `'${layer}'`).join(", ")
  }`;
}

/** Node's modules that touch nothing of the machine. */
const PURE_NODE = ["node:buffer", "node:crypto", "node:path/posix", "node:url", "node:util"];
/** Packages that open sockets. */
const WORLDLY_PACKAGES = ["kafkajs", "dockerode"];

/** What is wrong with a package import outside `src/host`, or `undefined`. Types alone are never wrong. */
export function worldlyImport(from: string, specifier: string): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined || layer === "host" || layer === "tests") return undefined;
  const impure = specifier.startsWith("node:") && !PURE_NODE.includes(specifier);
  if (!impure && !WORLDLY_PACKAGES.includes(specifier)) return undefined;
  return `'${specifier}' touches the machine: only 'src/host' may import it`;
}
