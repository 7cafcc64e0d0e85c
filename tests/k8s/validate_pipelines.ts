import { V8_FLAGS } from "../../src/cli/permissions.ts";
import { projectRoot } from "../support/paths.ts";
import { startChild } from "../support/child.ts";

/** As much of a PEM file as validation looks at. */
const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/**
 * What `denotail validate` says about the files of a ConfigMap. Certificates that pipelines name below /etc/denotail
 * are there for it, as a secret would be.
 */
export async function validatePipelines(
  files: Readonly<Record<string, string>>,
  env: Record<string, string>,
): Promise<string> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${folder}/conf`);
    for (const [name, text] of Object.entries(files)) {
      for (const [path] of text.matchAll(/\/etc\/denotail\/[\w./-]+/g)) {
        Deno.mkdirSync(`${folder}${path.replace(/\/[^/]*$/, "")}`, { recursive: true });
        Deno.writeTextFileSync(`${folder}${path}`, PEM);
      }
      Deno.writeTextFileSync(
        `${folder}/conf/${name}`,
        text.replaceAll("/etc/denotail/", `${folder}/etc/denotail/`),
      );
    }
    const args = [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      `--v8-flags=${V8_FLAGS.join(",")}`,
      `${projectRoot}/main.ts`,
    ];
    const child = startChild([...args, "validate", `--config-dir=${folder}/conf`], { env });
    const { out, err } = await child.ended();
    return out + err;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
