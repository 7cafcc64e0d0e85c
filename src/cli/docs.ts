import { GLOBAL_SCHEMA } from "../config/global_section.ts";
import { asOptionSchema } from "../config/option_schema.ts";
import { PROBLEM_CODES } from "../config/problem_codes.ts";
import type { Plugin } from "../core/plugin.ts";
import { cliPage } from "./docs_cli.ts";
import { pipelineSchema } from "./docs_json_schema.ts";
import { errorsPage, metricsPage } from "./docs_operation.ts";
import { permissionsPage } from "./docs_permissions.ts";
import { optionTable, pluginPage, tableRow } from "./docs_plugin.ts";

/** A file below docs/reference. */
export interface Page {
  readonly name: string;
  readonly text: string;
}

/** First line of each page: whoever edits it by hand should know better. */
const GENERATED = "<!-- Written by `denotail docs` from the values in the sources; a test compares. -->\n\n";

const KINDS = ["input", "processor", "flusher"] as const;

/** All reference pages, made of plugin values and tables of the sources. */
export function referencePages(plugins: readonly Plugin[]): readonly Page[] {
  const pages = [
    { name: "README.md", text: indexPage(plugins) },
    ...plugins.map((plugin) => ({ name: `${plugin.type}.md`, text: pluginPage(plugin) })),
    { name: "pipeline.md", text: pipelinePage() },
    { name: "cli.md", text: cliPage() },
    { name: "permissions.md", text: permissionsPage() },
    { name: "problems.md", text: problemsPage() },
    { name: "errors.md", text: errorsPage() },
    { name: "metrics.md", text: metricsPage() },
  ].map((page) => ({ name: page.name, text: GENERATED + page.text }));
  const schema = JSON.stringify(pipelineSchema(plugins), null, 2);
  return [...pages, { name: "pipeline.schema.json", text: schema + "\n" }];
}

function indexPage(plugins: readonly Plugin[]): string {
  const lines = ["# Reference", ""];
  for (const kind of KINDS) {
    lines.push(
      `## ${kind[0].toUpperCase()}${kind.slice(1)}s`,
      "",
      "| type | what it does |",
      "| --- | --- |",
    );
    for (const plugin of plugins.filter((one) => one.kind === kind)) {
      const alias = plugin.aliasOf === undefined ? "" : ` (other name of \`${plugin.aliasOf}\`)`;
      lines.push(tableRow([`[${plugin.type}](${plugin.type}.md)`, plugin.summary + alias]));
    }
    lines.push("");
  }
  lines.push(
    "## Pages",
    "",
    "- [pipeline.md](pipeline.md): keys of a pipeline file",
    "- [cli.md](cli.md): commands, flags, environment variables, exit codes",
    "- [permissions.md](permissions.md): what the compiled program may do, and why",
    "- [problems.md](problems.md): what `denotail validate` can say",
    "- [errors.md](errors.md): what can go wrong while it runs, and what to do",
    "- [metrics.md](metrics.md): what `/metrics` shows",
    "- [pipeline.schema.json](pipeline.schema.json): JSON Schema for editors",
    "",
  );
  return lines.join("\n");
}

function pipelinePage(): string {
  return `# Pipeline files

One file is one pipeline: \`*.yaml\` or \`*.yml\` in the config folder, in the form iLogtail reads. The name before the
extension is the pipeline's name and part of its checkpoint keys; names that begin with a dot are left out.

| key | default | meaning |
| --- | --- | --- |
| \`enable\` | \`true\` | \`false\`: the file is checked and does not run |
| \`global\` | | options of the whole pipeline, below |
| \`inputs\` | required | list of inputs, at least one |
| \`processors\` | none | list of processors, applied in order |
| \`flushers\` | required | list of flushers, at least one; each gets every record and never waits for another |
| \`aggregators\`, \`version\`, \`extensions\`, \`task\`, \`createTime\` | | iLogtail's; a warning says that they have no effect |

Each item of a list has a \`Type\`, optionally with an id: \`Type: flusher_kafka_v2/audit\`. The id keeps the item's
progress when items are added or moved; without one, items of a type are counted.

Names of keys and options are matched without regard to case. Values are read by the type of their option, quoted or
not: \`Topic: 1.10\` is the text \`1.10\`. \`true\`, \`yes\`, \`on\` and \`y\` in any case are one flag, their opposites the other.
A time span has a unit (\`250ms\`, \`1m30s\`); a bare number counts nanoseconds, and below a millisecond it is an error.
An empty value, \`~\` and \`null\` keep the default. YAML anchors, aliases and \`<<\` work; tags do not.

| reference | becomes |
| --- | --- |
| \`\${NAME}\` | the environment variable; unset: empty, with a warning |
| \`\${NAME:default}\` | the same with a text for when it is unset (\`$}\` is a \`}\` in it) |
| \`\${file:/path}\` | the content of a small file without its last newline |
| \`$\${NAME}\` | the text \`\${NAME}\` |

References are replaced in values, never in keys. A \`$\` anywhere else stays as written, so regular expressions need
no escapes.

## Options of \`global\`

${optionTable(asOptionSchema(GLOBAL_SCHEMA))}`;
}

function problemsPage(): string {
  const lines = [
    "# Problems of configurations",
    "",
    "All problems are printed at once. A file with an error does not run; the others do. A plugin may add codes of its own.",
    "",
    "| code | meaning |",
    "| --- | --- |",
  ];
  for (const [code, meaning] of Object.entries(PROBLEM_CODES)) lines.push(tableRow([`\`${code}\``, meaning]));
  return lines.join("\n") + "\n";
}
