/**
 * Apache Kafka's jars, fetched once with Maven into tests/.cache/kafka, and an archive of loaded classes beside
 * them (AppCDS) that saves each start a second of CPU.
 */
import { again } from "./again.ts";
import { fromFileUrl } from "./paths.ts";
import { endProcess, exists, freePorts, mustRun, removeFolder, startDaemon, waitFor } from "./process.ts";
import { formatStorage, portAnswers, serverProperties } from "./kafka_server.ts";

const kafkaVersion = "4.3.1";

/** Where the jars lie, and the class archive (a path that may not exist: the JVM then goes without). */
export interface KafkaInstall {
  classPath: string;
  archive: string;
}

function pom(): string {
  const dependency = (group: string, artifact: string, version: string) =>
    `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>denotail.test</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${dependency("org.apache.kafka", "kafka_2.13", kafkaVersion)}
${dependency("org.apache.kafka", "kafka-tools", kafkaVersion)}
${dependency("org.slf4j", "slf4j-simple", "1.7.36")}
  </dependencies>
</project>
`;
}

let installed: Promise<KafkaInstall> | undefined;

/** Brings the jars if they are not there yet; several processes may ask at once. */
export function installKafka(): Promise<KafkaInstall> {
  return installed ??= doInstall();
}

async function doInstall(): Promise<KafkaInstall> {
  const folder = fromFileUrl(new URL(`../.cache/kafka/${kafkaVersion}`, import.meta.url));
  Deno.mkdirSync(folder, { recursive: true });
  const lib = `${folder}/lib`;
  const java = /version "([^"]*)"/.exec(await mustRun(["sh", "-c", "java -version 2>&1"]))?.[1] ?? "unknown";
  const install = { classPath: `${lib}/*`, archive: `${folder}/classes-${java}.jsa` };
  const lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  await lock.lock(true);
  try {
    if (!exists(`${folder}/complete`)) await download(folder, lib);
    if (!exists(install.archive)) await makeArchive(install);
  } finally {
    lock.close();
  }
  return install;
}

async function download(folder: string, lib: string): Promise<void> {
  removeFolder(lib);
  Deno.writeTextFileSync(`${folder}/pom.xml`, pom());
  const goal = "dependency:copy-dependencies";
  const options = [`-DoutputDirectory=${lib}`, "-DincludeScope=runtime"];
  const maven = ["mvn", "-B", "-q", "-f", `${folder}/pom.xml`, goal, ...options];
  // A fresh repository is hundreds of small requests, and Maven gives up at the first loss.
  await again("Maven's download", () => mustRun(maven, { timeoutMs: 300_000 }));
  Deno.writeTextFileSync(`${folder}/complete`, kafkaVersion);
}

/** Starts a broker once and lets it write the archive at its end. A failure costs only the speed. */
async function makeArchive(install: KafkaInstall): Promise<void> {
  const data = Deno.makeTempDirSync({ prefix: "denotail-kafka-archive-" });
  try {
    const [port, controller] = freePorts(2);
    const conf = `${data}/server.properties`;
    Deno.writeTextFileSync(conf, serverProperties({ port, controller, data, extra: {} }));
    await formatStorage(install, conf, []);
    const fresh = `${data}/fresh.jsa`;
    const jvm = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", `-XX:ArchiveClassesAtExit=${fresh}`];
    const pid = await startDaemon(
      ["java", ...jvm, "-Xmx256m", "-cp", install.classPath, "kafka.Kafka", conf],
      { logFile: `${data}/server.log` },
    );
    await waitFor("the broker that makes the class archive", () => portAnswers(port));
    await endProcess(pid, 60_000);
    if (exists(fresh)) {
      Deno.copyFileSync(fresh, `${install.archive}.part`);
      Deno.renameSync(`${install.archive}.part`, install.archive);
    }
  } catch {
    // Without an archive every start is a second slower, nothing else.
  } finally {
    removeFolder(data);
  }
}
