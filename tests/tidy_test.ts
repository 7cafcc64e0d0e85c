/** Rules for the tree as a whole, which no single test of a part can see. */
import assert from "node:assert/strict";
import { links } from "./docs/markdown.ts";
import { projectRoot } from "./support/paths.ts";
import { filesBelow, textOf } from "./support/tree.ts";

const LINES_MAX = 400;

/** Longer files, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  "src/core/batch.ts": "one class on one byte arena: its cells are read and written nowhere else",
  "src/tail/source_path.ts": "in work: to be split",
};

Deno.test(`no source file has more than ${LINES_MAX} lines, save those with a reason`, () => {
  const long = filesBelow("src", ".ts").filter((path) => textOf(path).split("\n").length - 1 > LINES_MAX);
  assert.deepEqual(long.filter((path) => !(path in LONG_FILES)), [], "look for the second idea, and split");
  const inWork = (path: string) => LONG_FILES[path].startsWith("in work");
  const short = Object.keys(LONG_FILES).filter((path) => !long.includes(path) && !inWork(path));
  assert.deepEqual(short, [], "short again: take it off the list");
});

/** Hosts that a reader may meet in a URL: standards, published projects, and names that lead nowhere. */
const HOSTS = new Set([
  "127.0.0.1",
  "localhost",
  "docker",
  "github.com",
  "json-schema.org",
  "maven.apache.org",
  "k",
]);

function isKnownHost(host: string): boolean {
  return host === "" || HOSTS.has(host) || host === "example.com" || host.endsWith(".example.com");
}

const texts = filesBelow("").filter((path) =>
  /\.(?:ts|json|jsonl|md|ya?ml|toml|sh|lock)$|^\.ci\//.test(path)
);

Deno.test("no file names a host outside of the list", () => {
  const strange: string[] = [];
  for (const path of texts) {
    if (path.startsWith("tests/golden/")) continue; // Patterns and lines of logs, with whatever hosts.
    // A variable ends the name: what is in it is made at run time.
    for (const [, host] of textOf(path).matchAll(/\bhttps?:\/\/([\w.-]*)/g)) {
      if (!isKnownHost(host)) strange.push(`${path}: ${host}`);
    }
  }
  assert.deepEqual(strange, []);
  assert.ok(texts.length > 400, "it looked at too little");
});

Deno.test("no file names a place of the machine it was written on", () => {
  // One step, like `/app`, may stand for something else.
  const root = projectRoot.split("/").length > 2 ? [`${projectRoot}/`] : [];
  const homes = [/\/home\/(?!app\b|user\b)[a-z]\w*\//, /\/Users\/[A-Za-z]\w*\//, /\/root\/\.[a-z]/];
  const found = texts.filter((path) => {
    const text = textOf(path);
    return root.some((place) => text.includes(place)) || homes.some((place) => place.test(text));
  });
  assert.deepEqual(found, []);
});

Deno.test("deno.lock holds no address: it is the same for every registry", () => {
  assert.doesNotMatch(textOf("deno.lock"), /\w:\/\//);
});

Deno.test("no file puts work off", () => {
  // In two halves, so that this file is none of them.
  const marks = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "HA" + "CK"].join("|")})\\b`);
  const found = texts.filter((path) => !path.startsWith("tests/golden/") && marks.test(textOf(path)));
  assert.deepEqual(found, []);
});

Deno.test("every page of docs is linked from another one", () => {
  const pages = filesBelow("", ".md").map((path) => ({ path, text: textOf(path) }));
  const linked = new Set<string>();
  for (const page of pages) {
    for (const link of links(page)) {
      const target = new URL(link, `file:///${page.path}`).pathname.slice(1);
      if (target !== page.path) linked.add(target);
    }
  }
  assert.deepEqual(filesBelow("docs").filter((path) => !linked.has(path)), []);
});

Deno.test("CHANGELOG.md says what the version in deno.json brings", () => {
  const { version } = JSON.parse(textOf("deno.json"));
  const part = textOf("CHANGELOG.md").split(/^## /m).find((text) => text.startsWith(`${version}\n`));
  assert.ok(part !== undefined, `no heading '## ${version}'`);
  assert.ok((part.match(/^- \S/gm) ?? []).length > 0, "it has no lines");
});

/** Tests that start programs by themselves, each with what ends it. */
const OWN_CHILDREN: Readonly<Record<string, string>> = {
  "tests/host/log_writer_test.ts": "inside of a program that child.ts ends",
  "tests/host/open_confined_test.ts": "kills its writer after 400 ms",
  "tests/host/process_test.ts": "in work: to use startChild",
};

Deno.test("unit tests start programs with support/child.ts, which ends them after a limit", () => {
  const starters = filesBelow("tests", "_test.ts").filter((path) =>
    path !== "tests/tidy_test.ts" && !/^tests\/(?:e2e|support)\//.test(path) &&
    textOf(path).includes("new Deno.Command(")
  );
  assert.deepEqual(starters.filter((path) => !(path in OWN_CHILDREN)), []);
});
