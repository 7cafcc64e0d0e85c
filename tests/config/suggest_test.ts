import assert from "node:assert/strict";
import { suggest } from "../../src/config/suggest.ts";

Deno.test("suggest finds the nearest word and stays silent about far ones", () => {
  const words = ["Brokers", "Topic", "ClientID", "MaxMessageBytes"];
  const cases: [string, string | undefined][] = [
    ["Brokrs", "Brokers"],
    ["broker", "Brokers"],
    ["Topics", "Topic"],
    ["ClientId", "ClientID"],
    ["MaxMsgBytes", "MaxMessageBytes"],
    ["Compression", undefined],
    ["x", undefined],
  ];
  for (const [found, want] of cases) assert.equal(suggest(found, words), want, found);
});
