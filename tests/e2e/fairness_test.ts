/** One program writes at full speed, rotates and deletes: its neighbour's lines are quick, and the disk is not filled. */
import assert from "node:assert/strict";
import { leastOf } from "../support/least_of.ts";
import { sleep } from "../support/process.ts";
import { need } from "../support/system.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace"));

const quietMaxMs = 2_000;
const phaseMs = 8_000;
const chunk = `${"loud ".repeat(39)}end\n`.repeat(40_000);
const chunksPerFile = 2;
const deletedMb = 32;

/** Writes as fast as the disk takes it, with a new file every 16 MB; of the rotated ones only the newest is kept. */
async function writeLoudly(path: string, goesOn: () => boolean): Promise<number> {
  let files = 0;
  for (; goesOn(); files++) {
    for (let i = 0; i < chunksPerFile; i++) {
      Deno.writeTextFileSync(path, chunk, { append: true });
      await sleep(20);
    }
    Deno.renameSync(path, `${path}.1`);
  }
  return files * chunksPerFile * chunk.length;
}

test("run keeps a quiet neighbour below 2 s, and little of what is deleted, when one program writes at full speed", async () => {
  const kafka = await bed.kafka();
  const { folder } = await bed.namespace();
  const logs = `${folder}/tmp/fair`;
  Deno.mkdirSync(logs, { recursive: true });
  for (const name of ["loud", "quiet"]) Deno.writeTextFileSync(`${logs}/${name}.log`, "");
  const [loud, quiet] = [await bed.topic("loud"), await bed.topic("quiet")];
  const agent = await bed.agent({
    pipelines: {
      loud: filePipeline(logs, "loud.log", kafka.bootstrap, loud),
      quiet: filePipeline(logs, "quiet.log", kafka.bootstrap, quiet),
    },
    flags: [`--deleted-files-limit=${deletedMb}`],
  });
  let written = 0;
  let deletedMax = 0;
  const round = async () => {
    const from = written;
    let goesOn = true;
    const bytes = writeLoudly(`${logs}/loud.log`, () => goesOn);
    for (const began = Date.now(); Date.now() - began < phaseMs; await sleep(200)) {
      Deno.writeTextFileSync(`${logs}/quiet.log`, `${Date.now()} ${written++} quiet\n`, { append: true });
      deletedMax = Math.max(deletedMax, await agent.metric("denotail_deleted_bytes"));
    }
    goesOn = false;
    const rate = await bytes / phaseMs / 1_000;
    await settledCount(kafka, quiet, written, { quietMs: 0 });
    const late: number[] = [];
    for (const record of await kafka.consume(quiet, { timeoutMs: 60_000 })) {
      const [, at, number] = /"content","Value":"(\d+) (\d+) /.exec(new TextDecoder().decode(record.value!))!;
      if (Number(number) >= from) late.push(record.timestampMs - Number(at));
    }
    assert.equal(late.length, written - from, "a line is missing or came twice");
    report(`quiet lines at most ${Math.max(...late)} ms late beside ${rate.toFixed(0)} MB/s`);
    return Math.max(...late) / quietMaxMs * 100;
  };
  assert.ok(await leastOf("part of the permitted delay, in %", 100, round) <= 100);
  const lost = await agent.metric("denotail_lost_bytes_total", { reason: "held_limit" });
  report(
    `${(deletedMax / 1e6).toFixed(0)} MB of deleted files held at most, ${
      (lost / 1e6).toFixed(0)
    } MB given up`,
  );
  assert.ok(deletedMax <= deletedMb * 1024 * 1024, `${deletedMax} bytes of deleted files`);
  // One message comes at most ten times a minute.
  const said = agent.logLines().filter(({ reason }) => reason === "held_limit");
  assert.ok(lost === 0 || said.some(({ bytes, path }) => bytes > 0 && path.endsWith("/loud.log")));
  assert.equal(await agent.stop(), 0);
});
