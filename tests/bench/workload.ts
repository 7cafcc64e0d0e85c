import { removeFolder } from "../support/process.ts";
import { type Bench, figureText, type Run } from "./bench.ts";
import type { BenchCase } from "./bench_cases.ts";
import { BenchFiles } from "./bench_files.ts";
import type { BenchOptions } from "./bench_options.ts";
import type { PeerResult, Result } from "./bench_report.ts";
import { calibrated } from "./calibration.ts";
import { deliver } from "./deliver.ts";
import { installPeer, PEER_NAMES, type PeerName } from "./peer_install.ts";
import { runPeer } from "./peer_run.ts";

/** All runs of a workload: our agent with each codec, then the others on the same files. */
export async function runWorkload(
  bench: Bench,
  one: BenchCase,
  options: BenchOptions,
): Promise<{ results: Result[]; peers: PeerResult[] }> {
  const files = new BenchFiles(bench.scratch, one, bench.lines);
  const valuesFile = `${bench.scratch}/values-${one.name}`;
  const codecs = one.uncompressed ? options.codecs : options.codecs.slice(0, 1);
  const withPeers = options.peers && one.peers === true;
  const results: Result[] = [], peers: PeerResult[] = [];
  try {
    for (const codec of codecs) {
      const runs: Run[] = [];
      for (let run = 0; run < bench.runs; run++) {
        const keep = withPeers && results.length === 0 && run === 0 ? { valuesFile } : {};
        const figure = await calibrated(() => deliver(bench, one, codec, files, keep));
        runs.push(figure);
        bench.say(figureText(`${one.name} ${codec}`, files.events, figure));
      }
      results.push({ one, codec, events: files.events, runs, inputBytes: files.bytes });
    }
    if (withPeers) {
      for (const peer of PEER_NAMES) {
        for (const codec of codecs) {
          peers.push(await runsOfPeer(bench, one, peer, codec, files, valuesFile, options.peerRuns));
        }
      }
    }
  } finally {
    files.remove();
    removeFolder(valuesFile);
  }
  return { results, peers };
}

async function runsOfPeer(
  bench: Bench,
  one: BenchCase,
  name: PeerName,
  codec: string,
  files: BenchFiles,
  values: string,
  count: number,
): Promise<PeerResult> {
  const install = await installPeer(name);
  const runs: Run[] = [];
  const result = { peer: name, one, codec, events: files.events, runs, inputBytes: files.bytes };
  if ("reason" in install) return { ...result, skipped: install.reason };
  const peer = `${name} ${install.version}`;
  try {
    for (let run = 0; run < count; run++) {
      const figure = await calibrated(() => runPeer(bench, name, install, one, codec, files, values));
      runs.push(figure);
      bench.say(figureText(`${one.name} ${codec}, ${peer}`, files.events, figure));
    }
  } catch (error) {
    // A failure of theirs must not take our figures along.
    const reason = error instanceof Error ? error.message.replace(/\s+/g, " ").slice(0, 300) : `${error}`;
    bench.say(`${peer} failed at ${one.name} ${codec}: ${reason}`);
    return { ...result, peer, skipped: reason };
  }
  return { ...result, peer };
}
