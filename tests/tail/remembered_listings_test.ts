import assert from "node:assert/strict";
import { RememberedListings } from "../../src/tail/remembered_listings.ts";
import { MemoryFiles, VirtualClock } from "../support/virtual_host.ts";

function world(files: number): { clock: VirtualClock; memory: MemoryFiles; remembered: RememberedListings } {
  const clock = new VirtualClock(1_700_000_000_001);
  const memory = new MemoryFiles(clock);
  for (let i = 0; i < files; i++) memory.write(`/logs/${i}.log`, "");
  clock.advance(1000);
  return { clock, memory, remembered: new RememberedListings(memory, clock) };
}

const names = (entries: { name: string }[] | null) => entries?.map(({ name }) => name);

Deno.test("RememberedListings lists a large folder once as long as no name comes or goes", () => {
  const { clock, memory, remembered } = world(100);
  for (let i = 0; i < 5; i++) assert.equal(remembered.list("/logs")?.length, 100);
  assert.equal(memory.calls.list, 1);
  memory.write("/logs/new.log", "");
  assert.equal(remembered.list("/logs")?.length, 101);
  clock.advance(50);
  memory.unlink("/logs/0.log");
  assert.equal(remembered.list("/logs")?.length, 100);
  clock.advance(500);
  memory.rename("/logs/1.log", "/logs/1.log.1");
  assert.ok(names(remembered.list("/logs"))?.includes("1.log.1"));
  assert.equal(remembered.list("/logs", 10)?.length, 10, "another limit is another question");
});

Deno.test("RememberedListings lists a folder again that changed in the same tick as it was listed", () => {
  const { memory, remembered } = world(100);
  memory.write("/logs/one.log", "");
  assert.equal(remembered.list("/logs")?.length, 101);
  memory.write("/logs/two.log", "");
  assert.equal(remembered.list("/logs")?.length, 102);
});

Deno.test("RememberedListings does not trust times of whole seconds at once", () => {
  const clock = new VirtualClock(1_700_000_000_000);
  const memory = new MemoryFiles(clock);
  for (let i = 0; i < 100; i++) memory.write(`/logs/${i}.log`, "");
  const remembered = new RememberedListings(memory, clock);
  clock.advance(999);
  remembered.list("/logs");
  remembered.list("/logs");
  assert.equal(memory.calls.list, 2);
  clock.advance(1_001);
  remembered.list("/logs");
  remembered.list("/logs");
  assert.equal(memory.calls.list, 3);
});

Deno.test("RememberedListings remembers neither small folders nor remote ones", () => {
  const { memory, remembered } = world(10);
  remembered.list("/logs");
  remembered.list("/logs");
  assert.equal(memory.calls.list, 2);
  const many = world(100);
  many.memory.remote.add("/logs");
  many.remembered.list("/logs");
  many.remembered.list("/logs");
  assert.equal(many.memory.calls.list, 2);
  assert.equal(remembered.list("/nowhere"), null);
});
