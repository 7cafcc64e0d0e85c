/** The part of CHANGELOG.md about one version, without its heading; `undefined` when there is none, or it is empty. */
export function changelogSection(text: string, version: string): string | undefined {
  for (const part of text.split(/^## /m).slice(1)) {
    const end = part.indexOf("\n");
    // The heading is the version, or the version and a date.
    if (part.slice(0, end).split(" ")[0] !== version) continue;
    const body = part.slice(end).trim();
    return body === "" ? undefined : `${body}\n`;
  }
  return undefined;
}

/** What is wrong with a tag as the name of a release of this version; `undefined`: nothing. */
export function tagFault(tag: string, version: string): string | undefined {
  return tag === `v${version}` ? undefined : `The tag is '${tag}', but deno.json says version '${version}'`;
}
