/** Escaping 1000 access-log lines: `deno bench tests/bench/json_escape_bench.ts`. */
import { escapeJson, escapeJsonRepaired, escapeJsonText } from "../../src/base/json_escape.ts";
import { ACCESS_LINES } from "./bench_batches.ts";

const encoder = new TextEncoder();
// One array, as an agent has it: each further one costs a view.
const arena = encoder.encode(ACCESS_LINES.join("\n"));
const lines: [number, number][] = [];
for (let at = 0, i = 0; i < ACCESS_LINES.length; at += ACCESS_LINES[i++].length + 1) {
  lines.push([at, at + ACCESS_LINES[i].length]);
}
const out = new Uint8Array(64 * 1024);
const group = "escape 1000 access-log lines";

Deno.bench("escapeJson", { group, baseline: true }, () => {
  for (const [begin, end] of lines) escapeJson(arena, begin, end, out, 0);
});

Deno.bench("escapeJson byte by byte (the plain twin)", { group }, () => {
  for (const [begin, end] of lines) {
    let at = 0;
    for (let i = begin; i < end; i++) {
      const byte = arena[i];
      if (byte === 0x22 || byte === 0x5c) out[at++] = 0x5c;
      if (byte >= 0x20) out[at++] = byte;
      else throw new Error("BUG: no control characters in this bench");
    }
  }
});

Deno.bench("escapeJsonRepaired", { group }, () => {
  for (const [begin, end] of lines) escapeJsonRepaired(arena, begin, end, out, 0);
});

Deno.bench("escapeJsonText", { group }, () => {
  for (const line of ACCESS_LINES) escapeJsonText(line, out, 0);
});

Deno.bench("JSON.stringify and encodeInto", { group }, () => {
  for (const line of ACCESS_LINES) encoder.encodeInto(JSON.stringify(line), out);
});
