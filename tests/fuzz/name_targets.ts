/** Names and values of containers on their way into what the agent writes about itself, and into paths. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { PathView } from "../../src/core/host.ts";
import { isTopicName, TopicTemplate } from "../../src/flushers/kafka/topic_template.ts";
import { isBelow, resolveInView } from "../../src/host/resolve_in_view.ts";
import { formatJson, formatText } from "../../src/telemetry/log_format.ts";
import picomatch from "picomatch";
import { asPicomatch, starMatch } from "../../src/base/fnmatch.ts";
import { nameTest } from "../../src/tail/path_glob.ts";
import { MemoryFiles } from "../support/virtual_host.ts";
import { type FuzzTarget, target } from "./target.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(
    fc.constantFrom(
      ...[
        "\x1b[2J",
        "\x9b31m",
        "\r\n",
        "\n",
        '"',
        "\\",
        "=",
        " ",
        "\0",
        "\u2028",
        "\ud800",
        "é",
        "}{",
        "%{content.a}",
      ],
      ...['{"level":"error"}', "../", "/", ".", "*", "'", "`", "$(id)", "a"],
    ),
    { maxLength: 8 },
  ).map((parts) => parts.join("")),
);

const line = fc.dictionary(fc.constantFrom("path", "container", "reason", "level"), hostile).map((
  fields,
) => ({
  wallMs: 1_700_000_000_000,
  level: "warn",
  message: "a message",
  fields: { ...fields },
}));

/** Stars and letters, and names that nearly match: what a backtracking match takes ages for. */
const glob = fc.array(fc.constantFrom("*", "a", "*a", "?", "[a-c]", "[!b]", ".", "(", "{a,b}", "+"), {
  maxLength: 10,
})
  .map((parts) => parts.join(""));
const fileName = fc.oneof(hostile, fc.integer({ min: 0, max: 255 }).map((count) => "a".repeat(count)));

const FNMATCH = { dot: true, nobrace: true, noextglob: true, nonegate: true, noglobstar: true } as const;

/** Links of a container: where each lies, and where it leads. */
const steps = fc.array(fc.constantFrom("a", "b", "c", "..", ".", "", "etc"), { minLength: 1, maxLength: 5 });
const links = fc.array(
  fc.tuple(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }), steps, fc.boolean()),
  { maxLength: 6 },
);

function containerOf(list: [string[], string[], boolean][]): { files: MemoryFiles; view: PathView } {
  const root = "/host/layers/1";
  const files = new MemoryFiles(undefined, "/host");
  files.write("/host/etc/a", "the host's");
  files.write(`${root}/a/b/c`, "its own");
  for (const [at, to, absolute] of list) {
    try {
      files.link(`${absolute ? "/" : ""}${to.join("/")}`, `${root}/${at.join("/")}`);
    } catch {
      // Something else lies there, or above.
    }
  }
  const candidates = (path: string) => [{ path: path === "/" ? root : root + path, mayStayOpen: true }];
  return { files, view: { id: "c", candidates } };
}

export const nameTargets: readonly FuzzTarget[] = [
  target(
    "own log",
    "names in the agent's log: one line each, no control characters, JSON as it was",
    line,
    (line) => {
      for (const text of [formatJson(line), formatText(line)]) {
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(text, /[\0-\x1f\x7f-\x9f\u2028\u2029]/);
      }
      const { level, message, ...rest } = JSON.parse(formatJson(line));
      assert.deepEqual([level, message], ["warn", "a message"]);
      for (const [key, value] of Object.entries(line.fields)) if (key in rest) assert.equal(rest[key], value);
    },
  ),
  target(
    "topic templates",
    "topics from fields: a name that Kafka takes, or the template's own",
    hostile,
    (value) => {
      const template = TopicTemplate.parse("logs-%{content.a}") as TopicTemplate;
      const lookup = { lookup: () => value } as unknown as Parameters<TopicTemplate["resolve"]>[2];
      const name = template.resolve(undefined as never, 0, lookup);
      assert.ok(name === null || (isTopicName(name) && name === `logs-${value}`));
      const parsed = TopicTemplate.parse(value);
      if (parsed instanceof TopicTemplate) assert.ok(isTopicName(parsed.fixed ?? parsed.keyText));
    },
  ),
  target(
    "file patterns",
    "patterns with many wildcards on names of 255 characters: an answer in time",
    fc.tuple(glob, fileName),
    ([pattern, name]) => {
      nameTest(pattern)(name);
      // A regular expression tells the same as long as it ends.
      const short = name.replaceAll(/[^a-z*?.()]/g, "c").slice(0, 12);
      if (!pattern.includes("*") || ["", ".", ".."].includes(short)) return;
      const compile = (part: string) => picomatch(asPicomatch(part), FNMATCH) as (name: string) => boolean;
      assert.equal(starMatch(pattern, compile)(short), compile(pattern)(short), short);
    },
  ),
  target(
    "links",
    "paths through any links of a container: never a place outside of its root",
    fc.tuple(links, steps),
    ([list, path]) => {
      const { files, view } = containerOf(list);
      const found = resolveInView(files, view, `/${path.join("/")}`);
      if (!("refused" in found)) assert.ok(isBelow(found.place.path, "/host/layers/1"), found.place.path);
    },
  ),
];
