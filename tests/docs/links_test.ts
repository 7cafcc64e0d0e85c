import assert from "node:assert/strict";
import { projectRoot } from "../support/paths.ts";
import { anchorOf, codeSpans, type Document, document, documents, links, tableRows } from "./markdown.ts";

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** `/root/docs/limits.md` + `../src` -> `src`, below the root. */
function resolve(from: Document, target: string): string {
  const folder = from.path.split("/").slice(0, -1);
  for (const step of target.split("/")) {
    if (step === "..") folder.pop();
    else if (step !== ".") folder.push(step);
  }
  return folder.join("/");
}

function anchors(path: string): string[] {
  return [...document(path).text.matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]));
}

for (const page of documents()) {
  Deno.test(`${page.path}: every link leads somewhere`, () => {
    for (const link of links(page)) {
      const [target, anchor] = link.split("#");
      const path = target === "" ? page.path : resolve(page, target);
      assert.ok(exists(`${projectRoot}/${path}`), `'${link}' leads to nothing`);
      if (anchor !== undefined) assert.ok(anchors(path).includes(anchor), `'${link}' has no such heading`);
    }
  });

  Deno.test(`${page.path}: every path it names exists`, () => {
    for (const span of codeSpans(page)) {
      const path = /^(?:src|tests|docs|vendor|examples|k8s|\.ci)\/[\w./-]*$/.exec(span)?.[0];
      // CONTRIBUTING.md tells where a plugin that nobody has written would be.
      if (path === undefined || path === "tests/.cache" || path.includes("processor_trim")) continue;
      assert.ok(exists(`${projectRoot}/${path}`), `'${path}' does not exist`);
    }
  });
}

Deno.test("docs/reliability.md names tests that exist", () => {
  const page = document("docs/reliability.md");
  let count = 0;
  for (
    const [, title, target] of page.text.matchAll(/\[((?:run|flusher_kafka_v2) [^\]]+)\]\(\.\.\/([^)]+)\)/g)
  ) {
    const test = Deno.readTextFileSync(`${projectRoot}/${target}`);
    assert.ok(test.includes(`"${title}"`), `'${target}' has no test '${title}'`);
    count++;
  }
  assert.ok(count >= 20);
});

function sourceText(folder: string): string {
  let text = "";
  for (const entry of Deno.readDirSync(`${projectRoot}/${folder}`)) {
    if (entry.isDirectory) text += sourceText(`${folder}/${entry.name}`);
    else text += Deno.readTextFileSync(`${projectRoot}/${folder}/${entry.name}`);
  }
  return text;
}

Deno.test("docs/reliability.md lists the reasons of loss that are booked", () => {
  const listed = tableRows(document("docs/reliability.md"))
    .map(([cell]) => /^`([a-z_]+)`$/.exec(cell)?.[1]).filter((reason) => reason !== undefined);
  const ledger = Deno.readTextFileSync(`${projectRoot}/src/tail/loss_ledger.ts`);
  const known = [...ledger.matchAll(/^ {2}\| "([a-z_]+)"/gm)].map((match) => match[1]);
  const others = sourceText("src/tail").replace(ledger, "");
  const booked = known.filter((reason) => others.includes(`"${reason}"`));
  assert.deepEqual(listed.sort(), booked.sort());
});

Deno.test("ARCHITECTURE.md stays readable in one sitting", () => {
  assert.ok(document("ARCHITECTURE.md").text.split("\n").length <= 300);
});
