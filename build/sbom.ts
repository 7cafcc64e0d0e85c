/**
 * `deno task sbom [file]`: writes the bill of materials of the binary (CycloneDX, JSON), by default to
 * dist/denotail.cdx.json. `SOURCE_DATE_EPOCH` sets its time.
 */
import { billOfMaterials } from "./cyclonedx.ts";
import { importedAtRunTime, sourceTexts } from "./stage.ts";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** Licences as the packages state them, from Deno's cache. */
async function licenses(): Promise<(id: string) => string | undefined> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `${root}/main.ts`],
    cwd: root,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  return (id) => {
    const about = JSON.parse(Deno.readTextFileSync(`${npmPackages[id].localPath}/package.json`));
    // Old packages have a list of objects.
    const stated = about.license ?? about.licenses?.[0]?.type;
    return typeof stated === "string" ? stated : undefined;
  };
}

const json = (name: string) => JSON.parse(Deno.readTextFileSync(`${root}/${name}`));
const epoch = Deno.env.get("SOURCE_DATE_EPOCH");
const bill = billOfMaterials({
  config: json("deno.json"),
  lock: json("deno.lock"),
  imported: importedAtRunTime(sourceTexts(root)),
  denoVersion: Deno.version.deno,
  licenseOf: await licenses(),
  timestamp: new Date(epoch === undefined ? Date.now() : Number(epoch) * 1000).toISOString(),
});
const out = Deno.args[0] ?? `${root}/dist/denotail.cdx.json`;
Deno.mkdirSync(out.replace(/\/?[^/]*$/, "") || ".", { recursive: true });
Deno.writeTextFileSync(out, `${JSON.stringify(bill, null, 2)}\n`);
Deno.stdout.writeSync(new TextEncoder().encode(`${out}: ${bill.components.length} components\n`));
