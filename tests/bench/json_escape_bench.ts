/** Escaping 1000 access-log lines: `deno bench tests/bench/json_escape_bench.ts`. */
import { escapeJson, escapeJsonRepaired, escapeJsonText } from "../../src/base/json_escape.ts";
import { ACCESS_LINES } from "./bench_batches.ts";

const encoder = new TextEncoder();
const lines = ACCESS_LINES.map((line) => encoder.encode(line));
const out = new Uint8Array(64 * 1024);
const group = "escape 1000 access-log lines";

Deno.bench("escapeJson", { group, baseline: true }, () => {
  for (const line of lines) escapeJson(line, 0, line.length, out, 0);
});

Deno.bench("escapeJson byte by byte (the plain twin)", { group }, () => {
  for (const line of lines) {
    let at = 0;
    for (let i = 0; i < line.length; i++) {
      const byte = line[i];
      if (byte === 0x22 || byte === 0x5c) out[at++] = 0x5c;
      if (byte >= 0x20) out[at++] = byte;
      else throw new Error("BUG: no control characters in this bench");
    }
  }
});

Deno.bench("escapeJsonRepaired", { group }, () => {
  for (const line of lines) escapeJsonRepaired(line, 0, line.length, out, 0);
});

Deno.bench("escapeJsonText", { group }, () => {
  for (const line of ACCESS_LINES) escapeJsonText(line, out, 0);
});

Deno.bench("JSON.stringify and encodeInto", { group }, () => {
  for (const line of ACCESS_LINES) encoder.encodeInto(JSON.stringify(line), out);
});
