/** The whole agent in random histories: tail, ledger, checkpoint and Kafka client on one virtual clock. */
import assert from "node:assert/strict";
import type { Planted } from "./planted.ts";
import { Simulation } from "./simulation.ts";

/** Seeds of histories in which something once went wrong, with what it was. */
const FOUND: readonly (readonly [number, string])[] = [
  [
    1,
    "lanes that waited for a topic's partitions were called again without a pause while the cluster was away",
  ],
  [145, "rotated files were left out when the checkpoint was lost, as the pipeline counted as new"],
  [147, "records of a rotated file were lost with the row that says when a pipeline was first seen"],
  [1803, "a file rotated after a truncated one, which began as it did, was taken for its copy"],
  [
    2341,
    "generations that were missed after a restart were left to a pattern that did not look at them in time",
  ],
  [2399, "a source that was asked amid a look opened the same file twice"],
  [3959, "a generation that began as a deleted one was taken for its copy, before those between the two"],
  [4165, "a file that lay beside a deleted one before that was made was taken for its copy"],
  [7652, "a generation that began as a deleted one was taken for its copy before anything of it was read"],
  [
    8049,
    "a file was read under two names when the one that had led to another vanished before it was looked at",
  ],
  [1292, "a row of another file's inode number was preferred, as neither had a line on stderr"],
  [8908, "a lane at the begin of a truncated file read up to where the next lane was, and once more"],
  [1367, "a resumed container's log was not open when it grew and was copied and truncated"],
  [2640, "a rotated file was deleted, and the younger one that has its name now was opened once more"],
  [8130, "the same"],
  [9139, "the same"],
  [
    1058,
    "a rotated file with a source of its own counted as the copy of a truncated one that began as it did",
  ],
  [4745, "the same"],
  [
    5596,
    "a copy that was made while the agent was away was read again, as its inode number was that of an empty file",
  ],
  [591, "the same with few bytes, which nobody can tell from a new file that begins alike"],
  [1474, "the same"],
  [2670, "the same"],
  [4201, "the same"],
  [8179, "the same"],
  [21689, "the same"],
  [22719, "the same"],
  [6656, "the same, and the file before had begun with the same line"],
  [7123, "the same"],
  [
    27709,
    "a file that came and was rotated away just before its container ended was lost, as the path led nowhere before",
  ],
  [37879, "a rotated file was lost with its entry of the checkpoint, as that of the log itself was whole"],
  [42765, "the same"],
  [43731, "the same as in 1058, while that source waited for room"],
  [44907, "a new file got the inode number of one of which one byte was known, and began with that"],
  [48982, "a row of an empty file was preferred to the one under the name by which the file was read"],
  [56758, "the simulation took lines of a slow read that came back after its process had died"],
];

/** Each with a seed whose history finds it. */
const FINDS: readonly (readonly [Planted, number])[] = [
  ["saved before the acknowledgement", 2],
  ["rotated siblings are skipped", 1],
  ["an inode number is trusted", 11],
  ["an empty batch has no entry", 58],
  ["sequences begin anew while batches are in flight", 13],
];

const STEPS = 100;

for (const [seed, what] of FOUND) {
  Deno.test(`agent keeps its promises in history ${seed}: ${what}`, async () => {
    assert.deepEqual(await new Simulation(seed, { whole: true }).run(STEPS), []);
  });
}

Deno.test("agent keeps its promises in lively histories 200 to 229", async () => {
  for (let seed = 200; seed < 230; seed++) {
    const problems = await new Simulation(seed, { whole: true, lively: true }).run(STEPS);
    assert.deepEqual(problems, [], `deno task sim --lively --steps ${STEPS} --seed ${seed}`);
  }
});

Deno.test("agent keeps its promises in histories 200 to 229, which are as rich as they should be", async () => {
  let crashes = 0;
  for (let seed = 200; seed < 230; seed++) {
    const simulation = new Simulation(seed, { whole: true });
    const problems = await simulation.run(STEPS);
    assert.deepEqual(problems, [], `deno task sim --steps ${STEPS} --seed ${seed}`);
    assert.ok(simulation.sourceCount >= 2);
    crashes += simulation.crashes;
  }
  assert.ok(crashes >= 30, `${crashes} crashes in 30 histories`);
});

Deno.test("simulation plays the same history again when the seed is the same", async () => {
  for (const seed of [3, 4]) {
    const [one, other] = [0, 1].map(() => new Simulation(seed, { whole: true }));
    for (const each of [one, other]) {
      each.verbose();
      await each.run(STEPS);
    }
    assert.ok(one.log.length > 100);
    assert.deepEqual(one.log, other.log);
  }
});

for (const [planted, seed] of FINDS) {
  Deno.test(`simulation of the whole agent finds a planted fault: ${planted}`, async () => {
    // A fault may also make it turn for ever.
    const run = new Simulation(seed, { planted, whole: true }).run(STEPS).catch((error) => [String(error)]);
    assert.ok((await run).length > 0);
    assert.deepEqual(
      await new Simulation(seed, { whole: true }).run(STEPS),
      [],
      "it is the fault that is found",
    );
  });
}
