/**
 * `deno task release:notes <tag>`: checks that the tag is that of the version in deno.json, and prints what CHANGELOG.md
 * says about it.
 */
import { changelogSection, tagFault } from "./changelog.ts";

const text = (name: string) => Deno.readTextFileSync(new URL(`../${name}`, import.meta.url));
const { version } = JSON.parse(text("deno.json"));
const notes = changelogSection(text("CHANGELOG.md"), version);
const fault = tagFault(Deno.args[0] ?? "", version) ??
  (notes === undefined ? `CHANGELOG.md says nothing about '${version}'` : undefined);
const write = (to: { writeSync(bytes: Uint8Array): number }, what: string) =>
  to.writeSync(new TextEncoder().encode(what));
if (fault === undefined) write(Deno.stdout, notes!);
else write(Deno.stderr, `${fault}\n`);
Deno.exit(fault === undefined ? 0 : 1);
