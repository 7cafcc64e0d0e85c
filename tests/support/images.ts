/**
 * Container images made on the spot from the machine's own programs, since no registry is needed for tests:
 * docker-archive files that `docker load` and `ctr images import` take.
 *
 * docker-archive = tar of manifest.json, <hash>.json (the config) and <layer hash>/layer.tar for each layer.
 */
import { mustRun, run } from "./process.ts";
import { findProgram } from "./system.ts";
import { concat, type TarEntry, writeTar } from "./tar.ts";

/** An image: layers from the bottom up, and what its config says. */
export interface ImageRecipe {
  /** Full name, e.g. `docker.io/library/nginx:latest`. */
  tag: string;
  layers: Map<string, TarEntry>[];
  entrypoint?: string[];
  cmd?: string[];
  env?: string[];
  labels?: Record<string, string>;
}

/** Tags of the images below. */
export const tags = {
  busybox: "docker.io/local/busybox:1",
  pause: "docker.io/local/pause:1",
  nginx: "docker.io/library/nginx:latest",
  alpine: "docker.io/library/alpine:3.9.6",
};

const basePath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The docker-archive of a recipe. Same recipe, same bytes. */
export async function buildImage(recipe: ImageRecipe): Promise<Uint8Array> {
  const files = new Map<string, TarEntry>();
  const hashes: string[] = [];
  for (const layer of recipe.layers) {
    const content = writeTar(layer);
    const hash = await sha256(content);
    hashes.push(hash);
    files.set(`${hash}/layer.tar`, { type: "file", content });
  }
  const config = JSON.stringify({
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "amd64",
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      Env: [basePath, ...recipe.env ?? []],
      Entrypoint: recipe.entrypoint,
      Cmd: recipe.cmd,
      Labels: recipe.labels,
    },
    rootfs: { type: "layers", diff_ids: hashes.map((hash) => `sha256:${hash}`) },
    history: hashes.map(() => ({ created: "1970-01-01T00:00:00Z" })),
  });
  const configName = `${await sha256(new TextEncoder().encode(config))}.json`;
  files.set(configName, { type: "file", content: config });
  const layers = hashes.map((hash) => `${hash}/layer.tar`);
  const manifest = JSON.stringify([{ Config: configName, RepoTags: [recipe.tag], Layers: layers }]);
  files.set("manifest.json", { type: "file", content: manifest });
  return writeTar(files);
}

/** busybox with `sh` and all its applets; runs a shell. `tag` makes copies under other names. */
export async function busyboxImage(tag = tags.busybox): Promise<ImageRecipe> {
  return { tag, layers: [await busyboxLayer()], cmd: ["sh"] };
}

/** What pods' sandboxes run: sleeps for ever. */
export async function pauseImage(): Promise<ImageRecipe> {
  return { tag: tags.pause, layers: [await busyboxLayer()], entrypoint: ["/bin/sleep", "999999999"] };
}

/** Stand-in for `alpine:3.9.6`: busybox too, with the release files that tell it. */
export async function alpineImage(): Promise<ImageRecipe> {
  const release = new Map<string, TarEntry>([
    ["etc/alpine-release", { type: "file", content: "3.9.6\n" }],
    ["etc/os-release", { type: "file", content: "ID=alpine\nVERSION_ID=3.9.6\n" }],
  ]);
  return { tag: tags.alpine, layers: [await busyboxLayer(), release], cmd: ["/bin/sh"] };
}

/**
 * Debian's nginx laid out like the official image: access log to stdout and error log to stderr by links in
 * /var/log/nginx, the official log format (which is the one of the tutorial's sample line), pages in
 * /usr/share/nginx/html, IPv6 where the container has it, curl inside. `errorLevel` is the official `notice`.
 */
export async function nginxImage(options: { errorLevel?: string } = {}): Promise<ImageRecipe> {
  const binaries = await programLayer(["nginx", "curl"]);
  const config = nginxLayer(options.errorLevel ?? "notice");
  const layers = [await busyboxLayer(), binaries, config];
  return {
    tag: tags.nginx,
    layers,
    entrypoint: ["/docker-entrypoint.sh"],
    cmd: ["nginx", "-g", "daemon off;"],
  };
}

async function busyboxLayer(): Promise<Map<string, TarEntry>> {
  const binary = findProgram("/bin/busybox") ?? findProgram("busybox");
  if (binary === undefined) throw new Error("busybox is missing; ask for the part 'images' of the bed first");
  const layer = new Map<string, TarEntry>();
  for (const applet of (await mustRun([binary, "--list"])).trim().split("\n")) {
    layer.set(`bin/${applet}`, { type: "link", target: "busybox" });
  }
  layer.set("bin/busybox", { type: "file", content: Deno.readFileSync(binary), mode: 0o755 });
  layer.set("bin/sh", { type: "link", target: "busybox" });
  for (const folder of ["dev", "proc", "sys", "run", "var/log", "usr/bin", "home", "opt", "srv"]) {
    layer.set(folder, { type: "folder" });
  }
  layer.set("root", { type: "folder", mode: 0o700 });
  layer.set("tmp", { type: "folder", mode: 0o1777 });
  layer.set("etc/passwd", {
    type: "file",
    content: "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101::/nonexistent:/bin/false\n",
  });
  layer.set("etc/group", { type: "file", content: "root:x:0:\nnginx:x:101:\n" });
  layer.set("etc/hosts", { type: "file", content: "127.0.0.1\tlocalhost\n::1\tlocalhost\n" });
  layer.set("etc/nsswitch.conf", { type: "file", content: "hosts: files\n" });
  return layer;
}

/** Programs of the machine with the libraries they are linked to, each at the path where it is found here. */
export async function programLayer(programs: string[]): Promise<Map<string, TarEntry>> {
  const layer = new Map<string, TarEntry>();
  const add = (path: string) => {
    const content = Deno.readFileSync(path);
    layer.set(path.replace(/^\//, ""), { type: "file", content, mode: 0o755 });
  };
  for (const name of programs) {
    const binary = findProgram(name);
    if (binary === undefined) {
      throw new Error(`'${name}' is missing; ask for the part 'images' of the bed first`);
    }
    add(binary);
    for (const [path] of (await run(["ldd", binary])).stdout.matchAll(/\/\S+/g)) {
      if (path !== `${binary}:`) add(path);
    }
  }
  return layer;
}

function nginxLayer(errorLevel: string): Map<string, TarEntry> {
  const conf = `user nginx;
worker_processes 1;
error_log /var/log/nginx/error.log ${errorLevel};
pid /run/nginx.pid;
events { worker_connections 256; }
http {
  default_type application/octet-stream;
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
  access_log /var/log/nginx/access.log main;
  server {
    listen 80;
    #ipv6 listen [::]:80;
    server_name localhost;
    location / { root /usr/share/nginx/html; index index.html; }
  }
}
`;
  const entry = `#!/bin/sh
test -f /proc/net/if_inet6 && sed -i 's/#ipv6//' /etc/nginx/nginx.conf
exec "$@"
`;
  const layer = new Map<string, TarEntry>([
    ["docker-entrypoint.sh", { type: "file", content: entry, mode: 0o755 }],
    ["etc/nginx/nginx.conf", { type: "file", content: conf }],
    ["usr/share/nginx/html/index.html", { type: "file", content: "<h1>Welcome to nginx!</h1>\n" }],
    ["var/log/nginx/access.log", { type: "link", target: "/dev/stdout" }],
    ["var/log/nginx/error.log", { type: "link", target: "/dev/stderr" }],
    ["var/lib/nginx", { type: "folder" }],
  ]);
  return layer;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Writes the archives of some images into one folder; gives the paths. */
export async function writeImages(folder: string, recipes: ImageRecipe[]): Promise<string[]> {
  Deno.mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (const recipe of recipes) {
    const path = `${folder}/${recipe.tag.replace(/[^a-z0-9.]+/g, "-")}.tar`;
    Deno.writeFileSync(path, concat([await buildImage(recipe)]));
    paths.push(path);
  }
  return paths;
}
