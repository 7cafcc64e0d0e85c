/** Agents of other projects on the files of a workload, measured and verified as our own is. */
import { fromFileUrl } from "../support/paths.ts";
import { removeFolder, sleep } from "../support/process.ts";
import { type Bench, countRecords, type Figure, logBytes } from "./bench.ts";
import type { BenchCase } from "./bench_cases.ts";
import { expectedFields, message } from "./bench_data.ts";
import type { BenchFiles } from "./bench_files.ts";
import { checkTopic, compareFields } from "./bench_topic.ts";
import { MeasuredProcess, type ProcessCost } from "./measured_process.ts";
import type { PeerInstall, PeerName } from "./peer_install.ts";

const PEERS = fromFileUrl(new URL("./peers", import.meta.url));

/** The codec a peer is told, for one of the agent's: zstd at its cheapest level where ours is the default. */
function codecOf(codec: string): { codec: string; level: string } {
  return codec === "default" ? { codec: "zstd", level: "1" } : { codec, level: "-1" };
}

/** A configuration of tests/bench/peers with its words filled in. */
export function fillIn(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/@([A-Z_]+)@/g, (_, word: string) => {
    if (!(word in words)) throw new Error(`BUG: no value for @${word}@`);
    return words[word];
  });
}

/** What to run, with its configuration written into `folder`. */
function commandOf(
  bench: Bench,
  peer: PeerName,
  install: PeerInstall,
  one: BenchCase,
  to: { topic: string; codec: string; folder: string; files: BenchFiles; values: string },
): string[] {
  const { codec, level } = codecOf(to.codec);
  if (peer === "kcat") {
    const settings = [`linger.ms=50`, `compression.level=${level}`].flatMap((one) => ["-X", one]);
    const where = ["-b", bench.broker.bootstrap, "-t", to.topic, "-z", codec];
    return [install.program, "-P", ...where, ...settings, "-l", to.values];
  }
  const many = one.files > 1;
  const words: Record<string, string> = {
    FOLDER: to.folder,
    PEERS,
    FILES: `${to.files.folder}/*.log`,
    FOLDER_OF_FILES: to.files.folder,
    BROKER: bench.broker.bootstrap,
    TOPIC: to.topic,
    CODEC: codec,
    LEVEL: level,
    MONITOR: many ? "poll" : "auto",
    // The window is that of all files together, a COUNTth for each, and must fit into the queue; small ones make it wait.
    COUNT: String(one.files),
    WINDOW: String(Math.max(100_000, 1000 * one.files)),
    FIFO: String(Math.max(200_000, 2000 * one.files)),
  };
  const conf = `${to.folder}/peer.conf`;
  const text = Deno.readTextFileSync(`${PEERS}/${peer.replace("-", "_")}_${one.step}.conf`);
  Deno.writeTextFileSync(conf, fillIn(text, words));
  if (peer === "rsyslog") {
    return [install.program, "-n", "-i", `${to.folder}/pid`, "-f", conf, "-M", install.modules];
  }
  return [
    ...[install.program, "-F", "--no-caps", "-f", conf, `--module-path=${install.modules}`],
    ...[`--persist-file=${to.folder}/persist`, `--pidfile=${to.folder}/pid`],
    `--control=${to.folder}/control`,
  ];
}

/** Throws unless a value of a peer has what line `n` says. */
function comparer(peer: PeerName, one: BenchCase, files: BenchFiles): (value: string, n: number) => void {
  if (peer === "kcat") return (value, n) => compareFields(value, n, files.expected(n));
  if (one.step === "raw") {
    return (value, n) => {
      if (value !== message(one.kind, n)) throw new Error(`line ${n} became '${value}'`);
    };
  }
  return (value, n) => {
    const is = JSON.parse(value);
    for (const [key, should] of expectedFields(one.kind, one.step, n)) {
      if (key === "_time_" || key === "_source_") continue;
      // Numbers may be written in another way.
      if (`${is[key]}` !== should && Number(is[key]) !== Number(should)) {
        throw new Error(`'${key}' of line ${n} is not '${should}': ${value}`);
      }
    }
  };
}

/** One run of a peer. `values`: the agent's events, one a line, for kcat. */
export async function runPeer(
  bench: Bench,
  peer: PeerName,
  install: PeerInstall,
  one: BenchCase,
  codec: string,
  files: BenchFiles,
  values: string,
): Promise<Figure> {
  const serial = bench.next();
  const topic = `${one.name}-${peer}-${serial}`;
  const folder = `${bench.scratch}/peer-${serial}`;
  Deno.mkdirSync(folder, { recursive: true });
  await bench.broker.createTopic(topic, one.partitions);
  const command = commandOf(bench, peer, install, one, { topic, codec, folder, files, values });
  const env = { LD_LIBRARY_PATH: install.libraries };
  const peerProcess = await MeasuredProcess.start({ command, folder, env });
  try {
    const { cost, wallMs } = await untilSent(bench, peer, peerProcess, topic, files);
    const found = await checkTopic({
      bootstrap: bench.broker.bootstrap,
      topic,
      lines: files.events,
      stream: (n) => files.fileOf(n),
      compare: comparer(peer, one, files),
    });
    if (found.distinct !== files.events) {
      throw new Error(`${JSON.stringify(found)} of ${files.events} events`);
    }
    const { valueBytes, compared } = found;
    const wireBytes = logBytes(bench.broker, topic);
    return { cpu: cost.userSeconds + cost.systemSeconds, ...cost, wallMs, wireBytes, valueBytes, compared };
  } finally {
    await peerProcess.dispose();
    if (!bench.keep) removeFolder(folder);
    await bench.broker.deleteTopic(topic);
  }
}

async function untilSent(
  bench: Bench,
  peer: PeerName,
  peerProcess: MeasuredProcess,
  topic: string,
  files: BenchFiles,
): Promise<{ cost: ProcessCost; wallMs: number }> {
  const deadline = Date.now() + 60_000 + files.events / 5;
  if (peer === "kcat") {
    const cost = await peerProcess.ended(60_000 + files.events / 5);
    return { cost, wallMs: cost.wallSeconds * 1000 };
  }
  while (true) {
    peerProcess.figures();
    const records = await countRecords(bench.broker, topic);
    if (records >= files.events) break;
    if (Date.now() > deadline) throw new Error(`only ${records} of ${files.events} events in time`);
    await sleep(20);
  }
  const { elapsedMs } = peerProcess;
  return { wallMs: elapsedMs, cost: await peerProcess.stop() };
}
