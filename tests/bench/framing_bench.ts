/**
 * CPU per million lines of split, header decode and assembly, without reading and without encoding. Run with
 * `deno run -A tests/bench/framing_bench.ts`. Best of five.
 */
import { Batch } from "../../src/core/batch.ts";
import type { Framing } from "../../src/core/framing.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { TagSet } from "../../src/core/tags.ts";
import { lineKind, makeAssembler } from "../../src/tail/assembler.ts";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { LineTable } from "../../src/tail/line_table.ts";
import { RUNTIME_FRAMING } from "./bench_batches.ts";

const CHUNK_BYTES = 256 * 1024;
const LINES = 1_000_000;
const text = '10.0.0.1 - - [01/Jan/2024:00:00:00 +0000] "GET /api/v1/items?id=12345 HTTP/1.1" 200 1234 ' +
  '"https://example.com/page" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" "-" 0.01';
const time = "2024-01-01T00:00:00.123456789Z";

interface Case {
  name: string;
  lines: (i: number) => string;
  framing: Framing;
}

const cri = (i: number, tag = "F", body = text) =>
  `${time} ${i % 9 === 0 ? "stderr" : "stdout"} ${tag} ${body}\n`;
const beginLine: Framing = {
  ...RUNTIME_FRAMING,
  multiline: { mode: "begin_line", begin: /^\d+\.\d+/, checkBytes: 10 * 1024 },
};
const cases: Case[] = [
  { name: "CRI", lines: (i) => cri(i), framing: RUNTIME_FRAMING },
  { name: "CRI, record time", lines: (i) => cri(i), framing: { ...RUNTIME_FRAMING, timeSource: "record" } },
  { name: "CRI, two pieces each", lines: (i) => cri(0, i % 2 === 0 ? "P" : "F"), framing: RUNTIME_FRAMING },
  {
    name: "CRI, begin line, 4 each",
    lines: (i) => cri(0, "F", i % 4 === 0 ? text : " at x.y.Z"),
    framing: beginLine,
  },
  {
    name: "docker",
    lines: () => JSON.stringify({ log: text + "\n", stream: "stdout", time }) + "\n",
    framing: RUNTIME_FRAMING,
  },
  {
    name: "plain",
    lines: () => text + "\n",
    framing: { ...RUNTIME_FRAMING, format: "lines", keepEmptyLines: false },
  },
];

function chunkOf(lines: (i: number) => string): { arena: Uint8Array; end: number } {
  const arena = new Uint8Array(CHUNK_BYTES + 64);
  const encoder = new TextEncoder();
  let end = 0;
  for (let i = 0;; i++) {
    const bytes = encoder.encode(lines(i));
    if (end + bytes.length > CHUNK_BYTES) return { arena, end };
    arena.set(bytes, end);
    end += bytes.length;
  }
}

function cpuMs(): number {
  const { user, system } =
    (globalThis as unknown as { process: { cpuUsage(): { user: number; system: number } } })
      .process.cpuUsage();
  return (user + system) / 1000;
}

for (const { name, lines, framing } of cases) {
  const { arena, end } = chunkOf(lines);
  const table = new LineTable();
  const batch = new Batch(new KeyTable());
  const tags = new TagSet([{ key: "_pod_name_", value: "p" }]);
  const file = { read: () => 0 };
  const assembler = makeAssembler(framing, batch.keys, new HeldBudget(), file);
  let best = Infinity;
  let records = 0;
  for (let round = 0; round < 5; round++) {
    let done = 0;
    records = 0;
    const before = cpuMs();
    while (done < LINES) {
      table.fill(arena, 0, end, lineKind(framing), false);
      for (let row = 0; row < table.count;) {
        batch.begin(tags, arena, table.utf8, 0);
        row = assembler.take(table, row, 0, batch, 512 * 1024, 0, false);
        records += batch.count;
      }
      done += table.count;
    }
    best = Math.min(best, (cpuMs() - before) / done * LINES / 1000);
  }
  // deno-lint-ignore no-console
  console.log(`${name.padEnd(26)} ${best.toFixed(3)} CPU-s per million lines (${records} records)`);
}
