import { tableRow } from "./docs_plugin.ts";
import { PERMISSIONS, V8_FLAGS } from "./permissions.ts";

/** The page of what the compiled program may do. */
export function permissionsPage(): string {
  const lines = [
    "# Permissions",
    "",
    "What the compiled program may do, whoever runs it: Deno refuses the rest, and no flag or variable changes that.",
    "`deno task compile --print` shows the same as flags. Nothing else is permitted: no other programs (`run`), no native",
    "libraries (`ffi`), no code from elsewhere (`import`). What that is worth, and what not, stands in",
    "[security.md](../security.md).",
    "",
    "| kind | what | profile | why | kept |",
    "| --- | --- | --- | --- | --- |",
  ];
  for (const { kind, values, why, profiles, dropped } of PERMISSIONS) {
    const what = values === "any" ? "any" : values.map((value) => `\`${value}\``).join(", ");
    const kept = dropped === true ? "until pipelines run" : "always";
    lines.push(tableRow([kind, what, profiles.join(", "), `${why}.`, kept]));
  }
  lines.push(
    "",
    "`A_*` is every name with that beginning. A path includes all that is below it. `sys` is kept as long as the address of",
    "the node is neither given nor found. What is given back stays away until the next start.",
    "",
    "More is granted at the build: `--read`, `--write` and `--env` of `deno task compile` add to the table, `--net=host:port,…`",
    "takes the place of any address (with `--metrics` at its default): brokers and all addresses that they name.",
    "",
    "What these options need and the program may not do is said at the start, with the code `PERMISSION_MISSING`.",
    "",
    "## V8",
    "",
    "Baked in as well, see [ARCHITECTURE.md](../../ARCHITECTURE.md):",
    "",
    ...V8_FLAGS.map((flag) => `- \`${flag}\``),
  );
  return lines.join("\n") + "\n";
}
