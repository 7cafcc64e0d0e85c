/** The agent's image as an archive: its Dockerfile, built on the bases that the tests make on the spot. */
import { startDockerd } from "../support/dockerd.ts";
import { bases, loadBases } from "../support/image_bases.ts";
import { projectRoot } from "../support/paths.ts";
import { scratchFolder } from "../support/process.ts";
import { need } from "../support/system.ts";

const tag = "denotail:cluster";

/** Builds the image and gives the path of its archive. */
export async function agentArchive(): Promise<string> {
  const denort = Deno.env.get("DENORT_BIN");
  if (denort === undefined) {
    throw new Error("DENORT_BIN names no runtime to compile with: set it to the denort of Deno 2.4.2");
  }
  if (!await need("docker")) throw new Error("the image is built with Docker");
  const docker = await startDockerd();
  try {
    await loadBases(docker, denort);
    await docker.build({
      context: projectRoot,
      tag,
      args: { DENO_IMAGE: bases.deno, RUN_IMAGE: bases.run, VERSION: "cluster", REVISION: "", SOURCE: "" },
    });
    const archive = `${scratchFolder("agent")}/image.tar`;
    const saved = await docker.cli(["save", "-o", archive, tag]);
    if (saved.code !== 0) throw new Error(`docker save: ${saved.stderr}`);
    return archive;
  } finally {
    await docker.teardown();
  }
}
