/**
 * The bill of materials of the binary, in the form of CycloneDX 1.6: the packages that are compiled into it with the
 * hashes of deno.lock, who needs whom, and the runtime.
 */
import { isUnusedPackage } from "./leave_out.ts";

/** What of deno.json counts here. */
export interface Config {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly imports: Readonly<Record<string, string>>;
}

/** What of deno.lock (version 5) counts here. */
export interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<
    Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>
  >;
}

/** What the bill is made of. */
export interface Materials {
  readonly config: Config;
  readonly lock: Lock;
  /** What the sources import when they run. */
  readonly imported: ReadonlySet<string>;
  readonly denoVersion: string;
  /** `kafkajs@2.2.4` -> `MIT`; absent: not known. */
  readonly licenseOf: (id: string) => string | undefined;
  /** ISO time. */
  readonly timestamp: string;
}

/** One part. */
export interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: "SHA-512"; readonly content: string }[];
  readonly licenses?: readonly Record<string, unknown>[];
}

/** The whole. */
export interface Bill {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: {
    readonly timestamp: string;
    readonly lifecycles: readonly { readonly phase: string }[];
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** Makes the bill. Throws when the lock file lacks a package that is imported. */
export function billOfMaterials(materials: Materials): Bill {
  const { config, lock, denoVersion } = materials;
  const direct = directPackages(materials);
  const packages = closure(lock, direct);
  const self = `pkg:generic/denotail@${config.version}`;
  const runtime: Component = {
    type: "platform",
    "bom-ref": `pkg:github/denoland/deno@v${denoVersion}`,
    name: "deno",
    version: denoVersion,
    purl: `pkg:github/denoland/deno@v${denoVersion}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: materials.timestamp,
      lifecycles: [{ phase: "build" }],
      component: {
        type: "application",
        "bom-ref": self,
        name: "denotail",
        version: config.version,
        purl: self,
        licenses: [{ license: { id: config.license } }],
      },
    },
    components: [runtime, ...packages.map((id) => library(id, materials))],
    dependencies: [
      { ref: self, dependsOn: [runtime["bom-ref"], ...direct.map(purlOf)] },
      { ref: runtime["bom-ref"], dependsOn: [] },
      ...packages.map((id) => ({ ref: purlOf(id), dependsOn: neededBy(lock, id).map(purlOf) })),
    ],
  };
}

/** Entries of the lock that the sources import, sorted. */
function directPackages({ config, lock, imported }: Materials): string[] {
  const found = new Set<string>();
  for (const name of imported) {
    // `typebox/value` has an entry of its own, `@bufbuild/protobuf/wire` may have only that of its package.
    const key = Object.keys(config.imports).filter((key) => name === key || name.startsWith(`${key}/`))
      .sort((a, b) => b.length - a.length)[0];
    const target = key === undefined ? undefined : config.imports[key];
    const specifier = /^npm:(?:@[^/]+\/)?[^/]+/.exec(target ?? "")?.[0];
    if (specifier === undefined) continue;
    const version = lock.specifiers[specifier];
    const id = `${specifier.slice("npm:".length).replace(/(?<=.)@[^@]*$/, "")}@${version}`;
    if (!(id in lock.npm)) throw new Error(`deno.lock has no '${specifier}'`);
    found.add(id);
  }
  return [...found].sort();
}

/** What a package asks for and what is in the binary. The lock writes the version only where there are several. */
function neededBy(lock: Lock, id: string): string[] {
  return (lock.npm[id].dependencies ?? []).map((wanted) => {
    if (wanted in lock.npm) return wanted;
    const found = Object.keys(lock.npm).filter((other) => other.startsWith(`${wanted}@`));
    if (found.length !== 1) {
      throw new Error(`deno.lock has ${found.length} packages for '${wanted}' of '${id}'`);
    }
    return found[0];
  }).filter((other) => !isUnusedPackage(nameOf(other))).sort();
}

/** The packages and all that they need, sorted. */
function closure(lock: Lock, direct: readonly string[]): string[] {
  const found = new Set<string>();
  const waiting = [...direct];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...neededBy(lock, id));
  }
  return [...found].sort();
}

function library(id: string, { lock, licenseOf }: Materials): Component {
  const name = nameOf(id);
  const slash = name.indexOf("/");
  const license = licenseOf(id);
  return {
    type: "library",
    "bom-ref": purlOf(id),
    ...(slash < 0 ? {} : { group: name.slice(0, slash) }),
    name: name.slice(slash + 1),
    version: versionOf(id),
    purl: purlOf(id),
    hashes: [{ alg: "SHA-512", content: hexOf(lock.npm[id].integrity) }],
    ...(license === undefined ? {} : { licenses: [licenseEntry(license)] }),
  };
}

/** `MIT` is a name of SPDX's list, `(MIT OR Apache-2.0)` an expression. */
function licenseEntry(license: string): Record<string, unknown> {
  return /[\s()]/.test(license) ? { expression: license } : { license: { id: license } };
}

/** `sha512-<base64>` -> hex. */
function hexOf(integrity: string): string {
  const base64 = /^sha512-(.+)$/.exec(integrity)?.[1];
  if (base64 === undefined) throw new Error(`deno.lock has a hash of another kind: '${integrity}'`);
  return [...atob(base64)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

/** `@grpc/grpc-js@1.14.7` -> `@grpc/grpc-js`; peers behind `_` are no part of it. */
function nameOf(id: string): string {
  return id.slice(0, id.indexOf("@", 1));
}

function versionOf(id: string): string {
  return id.slice(id.indexOf("@", 1) + 1).split("_")[0];
}

/** `pkg:npm/%40grpc/grpc-js@1.14.7` */
function purlOf(id: string): string {
  return `pkg:npm/${nameOf(id).replace("@", "%40")}@${versionOf(id)}`;
}
