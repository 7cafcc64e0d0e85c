/** The agent with the mounts, capabilities and command line of the systemd unit, on real containers and files. */
import assert from "node:assert/strict";
import { AgentUnit } from "../support/agent_unit.ts";
import { waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { fieldOf, report, slsFields } from "../support/verify.ts";
import { AgentBed } from "./agent_bed.ts";
import { nginxTutorial } from "./tutorial_docker.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "docker"));

/** Runs a test with an agent that is ready; shows its log when the test fails, and ends it. */
async function withUnit(
  pipelines: Record<string, string>,
  body: (unit: AgentUnit) => Promise<void>,
): Promise<void> {
  const unit = new AgentUnit(await bed.namespace(), pipelines);
  try {
    await unit.start();
    await unit.waitReady();
    await body(unit);
  } catch (error) {
    report(`own log of the agent:\n${unit.log}`);
    throw error;
  } finally {
    await unit.dispose();
  }
}

const hostFiles = `enable: true
inputs:
  - Type: file_log
    LogPath: /var/log/app
    FilePattern: "*.log"
  - Type: file_log
    LogPath: /run/late
    FilePattern: "*.log"
flushers:
  - Type: flusher_stdout
`;

test("run reads the machine's files, and what is mounted later, when it has the unit's mounts", async () => {
  const namespace = await bed.namespace();
  await withUnit({ host: hostFiles }, async (unit) => {
    await namespace.mustRun(["sh", "-c", "mkdir /var/log/app; echo of the host >/var/log/app/a.log"]);
    const late = "mkdir /run/late; mount -t tmpfs tmpfs /run/late; echo of a new disk >/run/late/b.log";
    await namespace.mustRun(["sh", "-c", late]);
    const events = () => unit.output.split("\n").filter((line) => line !== "").map(slsFields);
    await waitFor("both lines", () => events().length >= 2);
    const seen = events().map((event) => [fieldOf(event, "__tag__:__path__"), fieldOf(event, "content")]);
    assert.deepEqual(seen.sort(), [["/run/late/b.log", "of a new disk"], [
      "/var/log/app/a.log",
      "of the host",
    ]]);

    const status = Deno.readTextFileSync(`/proc/${unit.pid}/status`);
    assert.match(status, /^CapEff:\s*0{15}4$/m, "CAP_DAC_READ_SEARCH and nothing else");
    assert.match(status, /^NoNewPrivs:\s*1$/m);
    assert.ok([...Deno.readDirSync(`${unit.folder}/state`)].some(({ name }) => name === "checkpoint.sqlite"));
    assert.equal(await unit.stop(), 0);

    // Progress is where the unit keeps it: nothing comes again.
    await unit.start();
    await unit.waitReady();
    await namespace.mustRun(["sh", "-c", "echo after the restart >>/var/log/app/a.log"]);
    await waitFor("the new line", () => events().length >= 1);
    assert.deepEqual(events().map((event) => fieldOf(event, "content")), ["after the restart"]);
    assert.equal(await unit.stop(), 0);
  });
});

test("run delivers the tutorial's nginx events when it has the unit's mounts", async () => {
  const [kafka, docker] = [await bed.kafka(), await bed.docker()];
  const units: AgentUnit[] = [];
  try {
    await nginxTutorial({
      kafka,
      docker,
      agent: async (pipelines) => {
        const unit = new AgentUnit(await bed.namespace(), pipelines);
        units.push(unit);
        await unit.start();
        await unit.waitReady();
        return unit;
      },
    });
  } catch (error) {
    for (const unit of units) report(`own log of the agent:\n${unit.log}`);
    throw error;
  } finally {
    for (const unit of units) await unit.dispose();
  }
});
