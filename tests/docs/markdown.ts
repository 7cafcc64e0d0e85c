/** The documents that people wrote, and what tests look for in them. docs/reference is generated and has its own test. */
import { projectRoot } from "../support/paths.ts";

/** One document. */
export interface Document {
  /** Path below the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block. */
export interface Fence {
  /** Word behind the backticks: `yaml`, `sh`, `json`, "" for a drawing. */
  readonly language: string;
  /** The rest of that line. */
  readonly info: string;
  readonly body: string;
  /** Line of the first backticks, from 1. */
  readonly line: number;
}

/** Reads one document. */
export function document(path: string): Document {
  return { path, text: Deno.readTextFileSync(`${projectRoot}/${path}`) };
}

/** All of them: those of the root, of docs/ and k8s/, vendor's too. */
export function documents(): Document[] {
  const paths = ["", "docs/", "k8s/", "vendor/"].flatMap((folder) =>
    [...Deno.readDirSync(`${projectRoot}/${folder}`)]
      .filter((entry) => entry.isFile && entry.name.endsWith(".md"))
      .map((entry) => `${folder}${entry.name}`)
  );
  return paths.sort().map(document);
}

/** The fenced blocks in order. */
export function fences({ text }: Document): Fence[] {
  const found: Fence[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const open = /^```(\S*)\s*(.*)$/.exec(lines[at]);
    if (open === null) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`BUG: the block at line ${at + 1} has no end`);
    found.push({
      language: open[1],
      info: open[2],
      body: lines.slice(at + 1, end).map((line) => `${line}\n`).join(""),
      line: at + 1,
    });
    at = end;
  }
  return found;
}

/** The text without its fenced blocks. */
export function prose({ text }: Document): string {
  return text.replace(/^```[\s\S]*?^```$/gm, "");
}

/** Code spans of the prose, without their backticks. */
export function codeSpans(document: Document): string[] {
  return [...prose(document).matchAll(/`([^`\n]+(?:\n[^`\n]+)?)`/g)].map((match) =>
    match[1].replace(/\s+/g, " ")
  );
}

/** Targets of links, without those that lead to other machines. */
export function links(document: Document): string[] {
  return [...prose(document).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1])
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Cells of all table rows, headers and rulers left out. */
export function tableRows(document: Document): string[][] {
  const rows: string[][] = [];
  const lines = prose(document).split("\n");
  lines.forEach((line, at) => {
    if (!line.startsWith("|") || /^\|[\s|:-]+\|$/.test(line) || /^\|[\s|:-]+\|$/.test(lines[at + 1] ?? "")) {
      return;
    }
    rows.push(line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()));
  });
  return rows;
}

/** The anchor that a heading gets on the usual hosts. */
export function anchorOf(heading: string): string {
  return heading.replace(/[`*]/g, "").toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").trim().replaceAll(
    " ",
    "-",
  );
}
