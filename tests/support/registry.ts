/**
 * A container registry for one test: serves image archives, read-only, under whatever host name the runtime asks for.
 * With it manifests keep their image names and pull policies.
 *
 * An archive is what {@linkcode buildImage} makes and `docker save` writes: manifest.json with paths of a config and
 * of layers.
 */
import { mustRun } from "./process.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";

interface Blob {
  path: string;
  digest: string;
  size: number;
}

/** Starts a registry on the loopback interface; `folder` is scratch for the unpacked archives. */
export function startRegistry(folder: string): TestRegistry {
  return new TestRegistry(folder);
}

/** See {@linkcode startRegistry}. */
export class TestRegistry {
  private readonly blobs = new Map<string, Blob>();
  private readonly manifests = new Map<string, { digest: string; text: string }>();
  private readonly server: Deno.HttpServer<Deno.NetAddr>;
  private archives = 0;
  /** Names that were asked for and are not here. */
  readonly unknown = new Set<string>();

  constructor(private readonly folder: string) {
    this.server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      return this.answer(new URL(request.url), request.method);
    });
  }

  get port(): number {
    return this.server.addr.port;
  }

  /** Writes the file by which containerd (`config_path`) asks here for images of all registries. */
  writeHosts(folder: string): void {
    Deno.mkdirSync(`${folder}/_default`, { recursive: true });
    const host = `[host."http://127.0.0.1:${this.port}"]\n  capabilities = ["pull", "resolve"]\n`;
    Deno.writeTextFileSync(`${folder}/_default/hosts.toml`, host);
  }

  /** Takes an archive in, under the names it carries or under `names`; full ones, e.g. `docker.io/library/nginx:latest`. */
  async add(archive: string, names?: string[]): Promise<void> {
    const unpacked = `${this.folder}/${++this.archives}`;
    Deno.mkdirSync(unpacked, { recursive: true });
    await mustRun(["tar", "-xf", archive, "-C", unpacked]);
    const [image] = JSON.parse(Deno.readTextFileSync(`${unpacked}/manifest.json`));
    const layers = image.Layers.map((layer: string) => `${unpacked}/${layer}`);
    const [config, ...rest] = await Promise.all([`${unpacked}/${image.Config}`, ...layers].map(describe));
    for (const blob of [config, ...rest]) this.blobs.set(blob.digest, blob);
    const describeAs = (type: string) => ({ digest, size }: Blob) => ({
      mediaType: `application/vnd.oci.image.${type}`,
      digest,
      size,
    });
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describeAs("config.v1+json")(config),
      layers: rest.map(describeAs("layer.v1.tar")),
    });
    const digest = await sha256(new TextEncoder().encode(text));
    for (const name of names ?? image.RepoTags) this.manifests.set(name, { digest, text });
    this.manifests.set(digest, { digest, text });
  }

  private answer(url: URL, method: string): Response {
    const asked = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname);
    if (asked === null) return new Response("{}", { status: url.pathname === "/v2/" ? 200 : 404 });
    const [, repository, kind, reference] = asked;
    return kind === "blobs"
      ? this.blob(reference, method)
      : this.manifest(`${url.searchParams.get("ns") ?? "docker.io"}/${repository}`, reference, method);
  }

  private manifest(repository: string, reference: string, method: string): Response {
    const name = reference.startsWith("sha256:") ? reference : `${repository}:${reference}`;
    const found = this.manifests.get(name);
    if (found === undefined) {
      this.unknown.add(name);
      return new Response("{}", { status: 404 });
    }
    const length = String(new TextEncoder().encode(found.text).length);
    const headers = {
      "content-type": manifestType,
      "docker-content-digest": found.digest,
      "content-length": length,
    };
    return new Response(method === "HEAD" ? null : found.text, { headers });
  }

  private blob(digest: string, method: string): Response {
    const found = this.blobs.get(digest);
    if (found === undefined) return new Response("{}", { status: 404 });
    const headers = { "content-type": "application/octet-stream", "content-length": String(found.size) };
    return new Response(method === "HEAD" ? null : Deno.openSync(found.path).readable, { headers });
  }

  /** Ends it. */
  async end(): Promise<void> {
    await this.server.shutdown();
  }
}

async function describe(path: string): Promise<Blob> {
  const bytes = Deno.readFileSync(path);
  return { path, digest: await sha256(bytes), size: bytes.length };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return "sha256:" + Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
