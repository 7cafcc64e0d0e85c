/**
 * A program of its own: reads Kubernetes objects (a file with a JSON array) and prints what is wrong with them,
 * as a JSON array of sentences. Run by kubernetes_schema.ts, with a lock file of its own, so that the package with the schemas
 * stays out of the agent's.
 *
 * The schemas are those of the npm package kubernetes-models, compiled from the OpenAPI of Kubernetes. They let pass
 * fields that they do not know; here that is a mistake too: a proxy remembers what the schema asked for, and what it
 * never asked for it does not know.
 */

interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface SchemaCheck {
  (data: unknown): boolean;
  readonly errors: readonly SchemaError[] | null;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
}

const [models, input] = Deno.args;

/** `apps/v1`, `DaemonSet` -> the package's check of `io.k8s.api.apps.v1.DaemonSet`. */
async function checkOf({ apiVersion, kind }: Manifest): Promise<SchemaCheck | null> {
  const [version, group = "core"] = apiVersion.split("/").reverse();
  const capital = (word: string) => word[0].toUpperCase() + word.slice(1);
  const name = `IoK8sApi${capital(group.split(".")[0])}${capital(version)}${kind}`;
  // Not a literal: `deno check` of the project would put the package into the project's lock file.
  const module = `npm:${models}/_schemas/${name}`;
  return await import(module).then(({ validate }) => validate as SchemaCheck).catch(() => null);
}

/** The same object, telling `asked` each place that is read of it. */
function watched(value: unknown, place: string, asked: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const found = Reflect.get(target, key);
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return found;
      asked.add(`${place}/${key}`);
      return watched(found, `${place}/${key}`, asked);
    },
  });
}

/** Places of all fields and elements. */
function* places(value: unknown, place: string): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield `${place}/${key}`;
    yield* places(inner, `${place}/${key}`);
  }
}

async function problems(manifest: Manifest): Promise<string[]> {
  const title = `${manifest.kind} ${manifest.metadata?.name}`;
  const check = await checkOf(manifest);
  if (check === null) return [`${title}: no such kind in ${manifest.apiVersion}`];
  const asked = new Set<string>();
  if (!check(watched(manifest, "", asked))) {
    return (check.errors ?? []).map(({ instancePath, keyword, params }) =>
      `${title}: ${instancePath || "/"}: ${keyword} ${JSON.stringify(params)}`
    );
  }
  const unknown = [...places(manifest, "")].filter((place) => !asked.has(place));
  // Below an unknown field all is unknown.
  const first = unknown.filter((place) => !unknown.includes(place.slice(0, place.lastIndexOf("/"))));
  return first.map((place) => `${title}: ${place}: unknown field`);
}

const manifests = JSON.parse(Deno.readTextFileSync(input)) as Manifest[];
const found = (await Promise.all(manifests.map(problems))).flat();
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(found)));
