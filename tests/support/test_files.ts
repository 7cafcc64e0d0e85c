/** The test files of the checkout, as runners sort them. */
import { projectRoot } from "./paths.ts";

/** All test files below a folder, sorted, relative to the root. */
function testFiles(folder: string): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(`${projectRoot}/${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory && !entry.name.startsWith(".")) found.push(...testFiles(path));
    else if (entry.name.endsWith("_test.ts")) found.push(path);
  }
  return found.sort();
}

const files = [...testFiles("tests"), ...testFiles("vendor")];

function isAlone(file: string): boolean {
  if (file.startsWith("tests/e2e/") || /reliability\/(?:\w+_)?faults_test\.ts$/.test(file)) return true;
  return Deno.readTextFileSync(`${projectRoot}/${file}`).includes("bedTest(");
}

/** Suites of the end-to-end tests that hold times, CPU or memory against bounds. */
const measuring =
  /e2e\/(?:broker_stopped|compiled|kafka_flusher|kill9|lifecycle|limits|signals|stop_container|two_flushers)_|reliability\/faults_/;

/** Files that run together in one process. */
export const unit: readonly string[] = files.filter((file) => !isAlone(file));

/** Files that start daemons, each in a process of its own, those of the bed first. */
export const alone: readonly string[] = files.filter(isAlone).sort((a, b) =>
  Number(a.includes("/e2e/")) - Number(b.includes("/e2e/"))
);

/** Whether a file needs the machine for itself. The others wait most of the time, so two of them may run at once. */
export function isMeasuring(file: string): boolean {
  return measuring.test(file);
}
