import assert from "node:assert/strict";
import { PermanentError } from "../../src/core/errors.ts";
import { joinAddress, KafkaDialler, readPem } from "../../src/host/kafka_dialler.ts";

/** Dials, and says whether a connection came about; ends it. */
function dial(dialler: KafkaDialler, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = dialler.dial({
      host: "127.0.0.1",
      port,
      onConnect: () => {
        socket.destroy();
        resolve();
      },
    });
    socket.on("error", reject);
  });
}

Deno.test("KafkaDialler refuses every address but configured brokers and those of the latest metadata", async () => {
  const listeners = [1, 2, 3].map(() => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const accepted = [0, 0, 0];
  const serving = listeners.map(async (listener, i) => {
    for await (const connection of listener) {
      accepted[i]++;
      connection.close();
    }
  });
  const ports = listeners.map((listener) => (listener.addr as Deno.NetAddr).port);
  const dialler = new KafkaDialler([`127.0.0.1:${ports[0]}`], undefined, 0);
  const foreign = (error: PermanentError) => error.code === "KAFKA_FOREIGN_ADDRESS";
  await dial(dialler, ports[0]);
  await assert.rejects(async () => await dial(dialler, ports[1]), foreign);
  dialler.allow([`127.0.0.1:${ports[1]}`]);
  await dial(dialler, ports[1]);
  await assert.rejects(async () => await dial(dialler, ports[2]), foreign);
  dialler.allow([`127.0.0.1:${ports[2]}`]);
  await dial(dialler, ports[2]);
  await assert.rejects(async () => await dial(dialler, ports[1]), foreign);
  for (const listener of listeners) listener.close();
  await Promise.all(serving);
  assert.deepEqual(accepted, [1, 1, 1]);
});

Deno.test("readPem names the file that cannot be used", () => {
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(file, "no certificate");
  assert.throws(
    () => readPem(file),
    (error: Error) => error.message.includes(file) && /PEM/.test(error.message),
  );
  assert.throws(() => readPem(`${file}.gone`), PermanentError);
  Deno.writeTextFileSync(file, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
  assert.match(readPem(file), /AA==/);
  Deno.removeSync(file);
});

Deno.test("joinAddress puts brackets around version 6 addresses", () => {
  assert.deepEqual([joinAddress("k", 1), joinAddress("::1", 2)], ["k:1", "[::1]:2"]);
});
