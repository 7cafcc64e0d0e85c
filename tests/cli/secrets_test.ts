/** Secrets in every place that the configuration takes them, right and wrong: in nothing that the program says. */
import assert from "node:assert/strict";
import { startChild } from "../support/child.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** Every secret has this in it, so one look finds them all. */
const MARK = "hunter2";

function pipeline(folder: string, flusher: string): string {
  return `inputs:\n  - Type: file_log\n    LogPath: ${folder}\n    FilePattern: app.log\nflushers:\n${flusher}`;
}

function v2(auth: string): string {
  return `  - Type: flusher_kafka_v2\n    Brokers: ["127.0.0.1:9"]\n    Topic: t\n${auth}`;
}

/** File -> text; \`good\` ones run, the others have an error on or near the secret. */
function pipelines(folder: string): Record<string, string> {
  const sasl = (line: string, mechanism = "SCRAM-SHA-512") =>
    v2(
      `    Authentication:\n      SASL:\n        SaslMechanism: ${mechanism}\n        Username: agent\n        ${line}\n`,
    );
  return {
    "good-sasl": pipeline(folder, sasl(`Password: "${MARK}\\"quoted\\\\one"`)),
    "good-plain": pipeline(
      folder,
      v2(`    Authentication:\n      PlainText:\n        Username: a\n        Password: ${MARK}-plain\n`),
    ),
    "good-env": pipeline(folder, sasl("Password: ${SECRET_OF_TEST}", "PLAIN")),
    "good-default": pipeline(folder, sasl("Password: ${NOT_THERE:" + MARK + "-default}")),
    "good-file": pipeline(folder, sasl("Password: ${file:" + folder + "/secret}")),
    "good-2x": pipeline(
      folder,
      `  - Type: flusher_kafka\n    Brokers: ["127.0.0.1:9"]\n    Topic: t\n    SASLUsername: a\n    SASLPassword: ${MARK}-2x\n`,
    ),
    misspelt: pipeline(folder, sasl(`Pasword: ${MARK}-misspelt`)),
    nested: pipeline(folder, sasl(`Password:\n          - ${MARK}-list`)),
    map: pipeline(folder, sasl(`Password: {a: ${MARK}-map}`)),
    twice: pipeline(folder, sasl(`Password: ${MARK}-one\n        Password: ${MARK}-two`)),
    tagged: pipeline(folder, sasl(`Password: !secret ${MARK}-tag`)),
    mechanism: pipeline(folder, sasl(`Password: ${MARK}-mechanism`, "NONE-SUCH")),
    open: pipeline(folder, sasl(`Password: "${MARK}-open`)),
  };
}

Deno.test("no command says a secret of a pipeline, whether the pipeline is right or wrong", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${folder}/conf`);
    Deno.writeTextFileSync(`${folder}/app.log`, "one line\n");
    Deno.writeTextFileSync(`${folder}/secret`, `${MARK}-file\n`);
    for (const [stem, text] of Object.entries(pipelines(folder))) {
      Deno.writeTextFileSync(`${folder}/conf/${stem}.yaml`, text);
    }
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const program = (...args: string[]) =>
      startChild([
        "run",
        "-A",
        "--quiet",
        "--no-check",
        MAIN,
        ...args,
        `--config-dir=${folder}/conf`,
        "--host-root=/",
      ], {
        env: { SECRET_OF_TEST: `${MARK}-env` },
      });
    const away = ["--docker-socket=off", "--cri-socket=off", "--checkpoint=memory"];
    const checked = await program("validate").ended();
    assert.match(checked.out, /\d+ errors/);
    const metrics = `127.0.0.1:${port}`;
    const running = program("run", ...away, "--log-level=debug", `--metrics=${metrics}`, "--stop-timeout=1s");
    const pages: string[] = [];
    for (let i = 0; i < 300 && pages.length < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const path of ["metrics", "healthz", "readyz"]) {
        const page = await fetch(`http://${metrics}/${path}`).then((answer) => answer.text()).catch(() =>
          null
        );
        if (page !== null) pages.push(page);
      }
    }
    assert.ok(
      pages.some((page) => page.includes("denotail_kafka_errors_total") || page.includes("denotail_")),
    );
    running.kill("SIGTERM");
    const ran = await running.ended();
    assert.match(ran.err, /good-|127\.0\.0\.1:9/);
    for (const text of [checked.out, checked.err, ran.out, ran.err, ...pages]) {
      const at = text.indexOf(MARK);
      assert.equal(at, -1, at < 0 ? "" : text.slice(Math.max(0, at - 300), at + 60));
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
