/** Faults, kills and zombies at random: a `read_committed` consumer sees each line once, in order. */
import assert from "node:assert/strict";
import type { TestLane } from "../../support/flusher_bed.ts";
import { FakeTransactions } from "../../support/fake_transactions.ts";
import { type Ground, ground, lines, type Run, startRun } from "./transactions_bed.ts";

const SEEDS = 150;
const LINES = 40;

function randomOf(seed: number): () => number {
  let state = seed * 2654435761 >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** What may go wrong; each is over by itself. */
function disturb(kafka: FakeTransactions, random: () => number): string {
  const kinds: [string, () => unknown][] = [
    ["end lost behind the commit", () => kafka.losesEnd = true],
    ["end lost before the commit", () => kafka.losesEndRequest = true],
    ["end refused", () => kafka.refusals.push(["end", [51, 14, 15, 16, 49, 48][Math.floor(random() * 6)]])],
    ["add refused", () => kafka.refusals.push(["add", [51, 16, 3, 49][Math.floor(random() * 4)]])],
    ["fence refused", () => kafka.refusals.push(["fence", [51, 15, 16][Math.floor(random() * 3)]])],
    ["broker is slow", () => kafka.auto = false],
    ["fetch refused", () => kafka.refusals.push(["fetch", 6])],
    [
      "leader moves",
      () => kafka.topics.set("t", [1 + Math.floor(random() * 2), 1 + Math.floor(random() * 2)]),
    ],
  ];
  const [name, act] = kinds[Math.floor(random() * kinds.length)];
  act();
  return name;
}

/** The broker answers what waits, in order; it may refuse one, and then what is behind that does not fit. */
function takeHeld(kafka: FakeTransactions, random: () => number): void {
  const refused = random() < 0.3 ? Math.floor(random() * 3) : -1;
  for (let i = 0; kafka.held.length > 0; i++) {
    if (i === refused) kafka.take().refuse(random() < 0.5 ? 45 : 7);
    else kafka.take().accept();
  }
  kafka.auto = true;
}

async function tell(on: Ground, seed: number): Promise<void> {
  const random = randomOf(seed);
  on.kafka.topics.set("t", [1, 2]);
  const sources = ["a", "b"];
  const trace: string[] = [];
  const zombies: { run: Run; lanes: Map<string, TestLane>; at: Map<string, number> }[] = [];
  let run = await startRun(on, {}, random);
  let lanes = new Map<string, TestLane>();
  const at = new Map(sources.map((source) => [source, 0]));
  const begin = async () => {
    for (let i = 0; i < 400 && run.found() === null; i++) await on.clock.run(100);
    assert.ok(run.found() !== null, `seed ${seed}: not prepared`);
    lanes = new Map(sources.map((source) => [source, run.reads(source)]));
    for (const [source, lane] of lanes) at.set(source, lane.safe);
    await on.clock.run(1);
  };
  const restart = async () => {
    run = await startRun(on, {}, random);
    await begin();
  };
  await begin();
  for (let step = 0; step < 150; step++) {
    // One that came back to life after a minute may have fenced it: then a person starts it again.
    if (run.log.find("PRODUCER_FENCED").length > 0) await restart();
    const dice = random();
    if (dice < 0.5) {
      const source = sources[Math.floor(random() * 2)];
      const lane = lanes.get(source)!;
      const from = at.get(source)!;
      const to = Math.min(LINES, from + 1 + Math.floor(random() * 3));
      if (from < to && lane.sink.room() > 0) {
        lane.write(Array.from({ length: to - from }, (_, i) => `${source}${from + i}`));
        at.set(source, to);
        if (random() < 0.7) lane.sink.caughtUp();
      }
    } else if (dice < 0.62) trace.push(disturb(on.kafka, random));
    else if (dice < 0.66) {
      // Killed: what it has sent may still arrive, and it may come back to life for a while.
      trace.push("killed");
      if (random() < 0.5) zombies.push({ run, lanes, at: new Map(at) });
      else void run.flusher.stop(0);
      await on.clock.run(1);
      await restart();
    } else if (dice < 0.68 && zombies.length > 0) {
      const dead = zombies.pop()!;
      const lane = dead.lanes.get("a")!;
      const from = dead.at.get("a")!;
      trace.push("a zombie writes");
      if (lane.sink.room() > 0 && from < LINES) lane.write([`a${from}`]);
      lane.sink.caughtUp();
    } else {
      if (random() < 0.5) takeHeld(on.kafka, random);
      await on.clock.run(Math.floor(random() * 400));
    }
    if (random() < 0.01) {
      trace.push("coordinator gives up");
      await on.clock.run(60_000);
      on.kafka.timeOut();
    }
  }
  on.kafka.refusals.length = 0;
  takeHeld(on.kafka, () => 1);
  for (let i = 0; i < 200; i++) {
    if (run.log.find("PRODUCER_FENCED").length > 0) await restart();
    for (const source of sources) {
      const from = at.get(source)!;
      if (from < LINES && lanes.get(source)!.sink.room() > 0) {
        lanes.get(source)!.write(Array.from({ length: LINES - from }, (_, n) => `${source}${from + n}`));
        at.set(source, LINES);
      }
    }
    await on.clock.run(500);
    if (sources.every((source) => lanes.get(source)!.safe === LINES)) break;
  }
  const seen = lines(on);
  for (const source of sources) {
    const own = seen.filter((line) => line.startsWith(source));
    const wanted = Array.from({ length: LINES }, (_, i) => `${source}${i}`);
    assert.deepEqual(
      own,
      wanted,
      `seed ${seed}: ${trace.join(", ")}; said ${JSON.stringify(run.log.lines.slice(-4))}`,
    );
  }
}

Deno.test(`Transactions deliver each line once in order whatever fails, in ${SEEDS} histories`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await tell(ground(), seed);
});
