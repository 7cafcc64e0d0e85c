import assert from "node:assert/strict";

const PROCESS = new URL("../../src/host/process.ts", import.meta.url).href;

/** Runs a program that has a `host`; its output can be waited for. */
function program(body: string, made = "new HostProcess()") {
  const source = `import { HostProcess } from "${PROCESS}"; const host = ${made};\n${body}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", source],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const out = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    kill: (signal: Deno.Signal) => child.kill(signal),
    async saw(wanted: string): Promise<void> {
      while (!text.includes(wanted)) {
        const { value, done } = await out.read();
        if (done) throw new Error(`'${wanted}' did not come, only '${text}'`);
        text += value;
      }
    },
    async end(): Promise<{ code: number; err: string }> {
      const err = await new Response(child.stderr).text();
      await out.cancel();
      return { code: (await child.status).code, err };
    },
  };
}

Deno.test("HostProcess leaves signals alone in a worker", async () => {
  const run = program(`host.print("ready"); setInterval(() => {}, 1000);`, "new HostProcess(true)");
  await run.saw("ready");
  run.kill("SIGTERM");
  assert.equal((await run.end()).code, 143);
});

Deno.test("HostProcess stops at the first signal and ends at the second", async () => {
  for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
    const run = program(`
      host.print("ready");
      await host.stopAsked;
      host.print(host.stopRequested ? "asked" : "wrong");
      setInterval(() => {}, 1000);
    `);
    await run.saw("ready");
    run.kill(signal);
    await run.saw("asked");
    await new Promise((resolve) => setTimeout(resolve, 400));
    run.kill(signal);
    assert.equal((await run.end()).code, code);
  }
});

Deno.test("HostProcess goes on stopping when one Ctrl-C comes as two signals", async () => {
  // It sends the second one itself, so that a busy machine rarely comes between; should it do so, there is another try.
  for (let tries = 1;; tries++) {
    const run = program(`
      host.print("ready");
      await host.stopAsked;
      setTimeout(() => host.exit(0), 500);
      Deno.kill(Deno.pid, "SIGINT");
    `);
    await run.saw("ready");
    run.kill("SIGINT");
    const { code } = await run.end();
    if (code !== 0 && tries < 3) continue;
    assert.equal(code, 0);
    break;
  }
});

Deno.test("HostProcess survives a rejection that nobody waits for and tells it", async () => {
  const run = program(`
    setInterval(() => {}, 1000);
    host.onRejection = (reason) => { host.print(String(reason)); setTimeout(() => host.exit(7), 0); };
    Promise.reject(new Error("lost"));
  `);
  await run.saw("Error: lost");
  assert.equal((await run.end()).code, 7);
});

Deno.test("HostProcess reads figures and variables without permission", async () => {
  // `deno eval` grants everything, so the program is a module that is run without.
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(
      file,
      `import { HostProcess } from "${PROCESS}"; const host = new HostProcess();
       host.print(JSON.stringify([host.rssBytes() > 1e6, host.cpuSeconds() > 0, host.env("HOME") === undefined, host.hostName()]));
       host.exit(0);`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", "--no-prompt", file] })
      .output();
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), [true, true, true, ""]);
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("HostProcess.collectGarbage frees what nobody refers to when V8 lets it, and else does nothing", async () => {
  const text = `
    import { HostProcess } from "${PROCESS}";
    const host = new HostProcess();
    let lists = [];
    for (let i = 0; i < 200; i++) lists.push(Array.from({ length: 20000 }, (_, n) => ({ n })));
    const before = Deno.memoryUsage().heapTotal;
    lists = null;
    host.collectGarbage();
    host.print(String(Deno.memoryUsage().heapTotal < before / 2));
    host.exit(0);`;
  const file = Deno.makeTempFileSync({ suffix: ".js" });
  try {
    Deno.writeTextFileSync(file, text);
    for (const [flags, freed] of [[["--v8-flags=--expose-gc"], "true"], [[], "false"]] as const) {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", ...flags, file],
      }).output();
      assert.equal(new TextDecoder().decode(stdout), freed);
    }
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("HostProcess.hostName falls back to HOSTNAME", async () => {
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(
      file,
      `import { HostProcess } from "${PROCESS}"; const host = new HostProcess(); host.print(host.hostName()); host.exit(0);`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-env=HOSTNAME", file],
      env: { HOSTNAME: "node-7" },
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "node-7");
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("HostProcess.giveBack takes variables and host names away, and keeps the name it knows", async () => {
  const file = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(
      file,
      `import { HostProcess } from "${PROCESS}"; const host = new HostProcess();
       const before = host.env("HOSTNAME");
       host.giveBack(["env", "sys"]);
       let refused = "";
       try { Deno.hostname(); } catch (error) { refused = error.name; }
       host.print(JSON.stringify([before, host.env("HOSTNAME") ?? null, refused, host.hostName() !== ""]));
       host.exit(0);`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-env=HOST*", "--allow-sys=hostname", file],
      env: { HOSTNAME: "node-7" },
    }).output();
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), ["node-7", null, "NotCapable", true]);
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("HostProcess.giveBack keeps everything when the program may do everything, so that a log with two names is read", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const sources = new URL("../../src/", import.meta.url);
    Deno.writeTextFileSync(`${folder}/a.log`, "");
    Deno.linkSync(`${folder}/a.log`, `${folder}/b.log`);
    Deno.writeTextFileSync(
      `${folder}/main.ts`,
      `import { HostProcess } from "${PROCESS}";
       import { hostView } from "${sources}core/host_view.ts";
       import { HostFiles } from "${sources}host/files.ts";
       import { systemClock } from "${sources}host/clock.ts";
       const host = new HostProcess();
       host.giveBack(["env", "sys"]);
       const opened = new HostFiles("/", systemClock).open(hostView("/"), "${folder}/a.log");
       host.print(JSON.stringify([opened.refused ?? "opened", host.env("HOSTNAME") ?? null]));
       host.exit(0);`,
    );
    const run = async (...flags: string[]) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
          ...flags,
          `${folder}/main.ts`,
        ],
        env: { HOSTNAME: "node-7" },
      }).output();
      return JSON.parse(new TextDecoder().decode(stdout));
    };
    assert.deepEqual(await run("-A"), ["opened", "node-7"]);
    const each = ["read", "write", "net", "env", "sys", "run", "ffi"].map((name) => `--allow-${name}`);
    const [, name] = await run(...each);
    assert.equal(name, null, "there is nothing to keep it for");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("HostProcess.cpuSeconds grows with the work done", async () => {
  const run = program(`
    const before = host.cpuSeconds();
    const until = performance.now() + 30_000;
    while (host.cpuSeconds() - before < 0.02 && performance.now() < until) Math.sqrt(performance.now());
    host.print(host.cpuSeconds() - before >= 0.02 ? "grown" : "stuck");
    host.exit(0);
  `);
  await run.saw("grown");
  await run.end();
});

Deno.test("HostProcess writes texts into folders that it makes", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/a/b/c.txt`;
    const run = program(`host.writeText(${JSON.stringify(path)}, "text"); host.print("done"); host.exit(0);`);
    await run.saw("done");
    assert.equal((await run.end()).code, 0);
    assert.equal(Deno.readTextFileSync(path), "text");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
