/** A broker whose answer names a host that the program may not dial (`--net` lists the brokers): said, never dialled. */
import assert from "node:assert/strict";
import { startChild } from "../support/child.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** `size 4 | correlation 4 | body`; numbers are big-endian pairs of bytes and value, texts have their length in front. */
function answer(correlationId: number, ...parts: (readonly [number, number] | string)[]): Uint8Array {
  const body = [[4, correlationId] as const, ...parts].flatMap((part) => {
    const [size, value] = typeof part === "string" ? [2, part.length] : part;
    const number = Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) & 255);
    return typeof part === "string" ? [...number, ...new TextEncoder().encode(part)] : number;
  });
  return Uint8Array.from([...new Uint8Array(new Uint32Array([body.length]).buffer).reverse(), ...body]);
}

/** Answers ApiVersions and Metadata; the leader of everything is at `foreign`. */
async function serve(connection: Deno.Conn, foreign: number, onMetadata: () => void): Promise<void> {
  let held = new Uint8Array(0);
  for await (const piece of connection.readable) {
    held = Uint8Array.from([...held, ...piece]);
    while (held.length >= 4) {
      const view = new DataView(held.buffer);
      const size = 4 + view.getInt32(0);
      if (held.length < size) break;
      const [api, id] = [view.getInt16(4), view.getInt32(8)];
      held = held.slice(size);
      const ranges = [[0, 3, 7], [3, 0, 4], [18, 0, 0], [22, 0, 0]] as const;
      const versions = ranges.flatMap((range) => range.map((value) => [2, value] as const));
      const cluster = [[4, 0], [4, 1], [4, 1], "127.0.0.1", [4, foreign], [2, 65535], [2, 65535], [
        4,
        1,
      ]] as const;
      const topic = [[4, 1], [2, 0], "t", [1, 0], [4, 1], [2, 0], [4, 0], [4, 1], [4, 0], [4, 0]] as const;
      const reply = api === 18
        ? answer(id, [2, 0], [4, ranges.length], ...versions)
        : api === 3
        ? answer(id, ...cluster, ...topic)
        : answer(id, [4, 0], [2, 0], [8, 1], [2, 0]);
      if (api === 3) onMetadata();
      const writer = connection.writable.getWriter();
      await writer.write(reply);
      writer.releaseLock();
    }
  }
}

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !isDone(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
}

Deno.test("main run never dials a host that a broker's answer names when --net lists the brokers", async () => {
  const [broker, foreign] = [1, 2].map(() => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const [port, foreignPort] = [broker, foreign].map(({ addr }) => (addr as Deno.NetAddr).port);
  let dialled = 0;
  let answers = 0;
  const serving = (async () => {
    for await (const connection of broker) serve(connection, foreignPort, () => answers++).catch(() => {});
  })();
  const counting = (async () => {
    for await (const connection of foreign) {
      dialled++;
      connection.close();
    }
  })();
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${folder}/conf`);
    Deno.writeTextFileSync(`${folder}/app.log`, "one line\n");
    Deno.writeTextFileSync(
      `${folder}/conf/a.yaml`,
      `inputs:\n  - Type: file_log\n    LogPath: ${folder}\n    FilePattern: app.log\nflushers:\n` +
        `  - Type: flusher_kafka_v2\n    Brokers: ["127.0.0.1:${port}"]\n    Topic: t\n`,
    );
    const agent = (net: string) =>
      startChild([
        ...[
          "run",
          "--no-prompt",
          "--quiet",
          "--no-check",
          "--allow-read",
          "--allow-write",
          "--allow-env",
          "--allow-sys",
        ],
        ...[
          `--allow-net=${net}`,
          MAIN,
          "run",
          `--config-dir=${folder}/conf`,
          "--checkpoint=memory",
          "--host-root=/",
        ],
        ...["--metrics=off", "--docker-socket=off", "--cri-socket=off", "--stop-timeout=1s", "--from-start"],
      ]);
    const listed = agent(`127.0.0.1:${port}`);
    // It asks again after each try that failed.
    await until(() => answers >= 3);
    listed.kill("SIGTERM");
    const { err } = await listed.ended();
    assert.match(err, new RegExp(`may not dial '127\\.0\\.0\\.1:${foreignPort}'`));
    assert.equal(dialled, 0);
    // So the answer was understood: without the list the same address is dialled.
    const broad = agent("127.0.0.1");
    await until(() => dialled > 0);
    broad.kill("SIGKILL");
    await broad.ended();
    assert.ok(dialled > 0, "the fake broker's answer leads nowhere");
  } finally {
    broker.close();
    foreign.close();
    await Promise.all([serving, counting]);
    Deno.removeSync(folder, { recursive: true });
  }
});
