import assert from "node:assert/strict";
import { formatBytes, formatCount, plural } from "../../src/cli/people.ts";

Deno.test("formatCount groups digits", () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(formatCount), ["0", "999", "1,000", "1,234,567"]);
});

Deno.test("plural counts one and many", () => {
  assert.deepEqual([0, 1, 2000].map((count) => plural(count, "file")), ["0 files", "1 file", "2,000 files"]);
});

Deno.test("formatBytes chooses a unit that people read", () => {
  assert.deepEqual(
    [0, 1023, 1024, 3.4 * 1024 ** 2, 150 * 1024 ** 2, 2048 * 1024 ** 4].map(formatBytes),
    ["0 B", "1023 B", "1.0 KiB", "3.4 MiB", "150 MiB", "2048 TiB"],
  );
});
