/// <reference lib="deno.unstable" />
/**
 * Lint rules of this project; `deno lint` runs them with its own. Each rule is a sentence of CONTRIBUTING.md that
 * would be forgotten otherwise.
 */
import { layerFault, layerOf, worldlyImport } from "./layers.ts";

/** A function must fit a screen. */
const FUNCTION_LINES_MAX = 70;

/** Globals that read the machine or wait. `performance.now` and `Date.now` are times, too. */
const WORLDLY_GLOBALS = [
  "Deno",
  "console",
  "fetch",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "WebSocket",
  "Worker",
];
const WORLDLY_MEMBERS = [
  "Date.now",
  "Math.random",
  "performance.now",
  "crypto.getRandomValues",
  "crypto.randomUUID",
];

const ROOT = new URL("../../", import.meta.url).pathname;

/** `/repo/src/core/batch.ts` -> `src/core/batch.ts`. */
function relative(filename: string): string {
  return filename.startsWith(ROOT) ? filename.slice(ROOT.length) : filename.replace(/^\/+/, "");
}

function isWorldly(path: string): boolean {
  const layer = layerOf(path);
  return layer === "host" || layer === "tests" || layer === undefined;
}

const layers: Deno.lint.Rule = {
  create(context) {
    const from = relative(context.filename);
    const check = (source: Deno.lint.Node | null | undefined, typeOnly: boolean) => {
      if (source?.type !== "Literal" || typeof source.value !== "string") return;
      const fault = layerFault(from, source.value) ??
        (typeOnly ? undefined : worldlyImport(from, source.value));
      if (fault !== undefined) context.report({ node: source, message: fault });
    };
    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === "type"),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ImportExpression: (node) => check(node.source, false),
    };
  },
};

const world: Deno.lint.Rule = {
  create(context) {
    if (isWorldly(relative(context.filename))) return {};
    const report = (node: Deno.lint.Node, name: string) =>
      context.report({
        node,
        message: `'${name}' occurs only in src/host: take it from an interface of src/core/host.ts`,
      });
    return {
      MemberExpression(node) {
        if (node.object.type !== "Identifier") return;
        const { name } = node.object;
        // `const clock = …; clock.setTimeout` is a member of something else; a bare global is the object itself.
        if (WORLDLY_GLOBALS.includes(name)) report(node, name);
        if (node.property.type !== "Identifier") return;
        const member = `${name === "globalThis" ? "" : `${name}.`}${node.property.name}`;
        if (WORLDLY_MEMBERS.includes(member) || WORLDLY_GLOBALS.includes(member)) report(node, member);
      },
      CallExpression(node) {
        if (node.callee.type === "Identifier" && WORLDLY_GLOBALS.includes(node.callee.name)) {
          report(node, node.callee.name);
        }
      },
      NewExpression(node) {
        if (node.callee.type !== "Identifier") return;
        if (WORLDLY_GLOBALS.includes(node.callee.name)) report(node, node.callee.name);
        if (node.callee.name === "Date" && node.arguments.length === 0) report(node, "new Date()");
      },
    };
  },
};

const functionLength: Deno.lint.Rule = {
  create(context) {
    if (!relative(context.filename).startsWith("src/")) return {};
    const text = context.sourceCode.text;
    const check = (node: Deno.lint.Node) => {
      const lines = text.slice(node.range[0], node.range[1]).split("\n").length;
      if (lines <= FUNCTION_LINES_MAX) return;
      context.report({
        node,
        message: `The function has ${lines} lines, at most ${FUNCTION_LINES_MAX} fit a screen`,
      });
    };
    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
    };
  },
};

const errorWording: Deno.lint.Rule = {
  create(context) {
    const path = relative(context.filename);
    if (!path.startsWith("src/")) return {};
    return {
      NewExpression(node) {
        if (node.callee.type !== "Identifier") return;
        // Streams of node want some Error to be destroyed with; host wraps them as causes.
        if (layerOf(path) === "host" && node.callee.name === "Error") return;
        const coded = /^(?:Agent|Retriable|Permanent)Error$/.test(node.callee.name);
        if (!coded && node.callee.name !== "Error") return;
        const message = node.arguments[coded ? 1 : 0];
        const text = message === undefined ? undefined : textOf(message);
        if (text === undefined) return;
        const fault = coded ? wordingFault(text) : bugFault(text.first);
        if (fault !== undefined) context.report({ node: message, message: fault });
      },
    };
  },
};

/** First and last characters of a text as far as the source shows them. */
function textOf(node: Deno.lint.Node): { first: string; last: string } | undefined {
  if (node.type === "Literal" && typeof node.value === "string") {
    return { first: node.value, last: node.value };
  }
  if (node.type === "TemplateLiteral") {
    return { first: node.quasis[0].cooked ?? "", last: node.quasis[node.quasis.length - 1].cooked ?? "" };
  }
  if (node.type === "BinaryExpression" && node.left.type !== "PrivateIdentifier") {
    const left = textOf(node.left);
    const right = textOf(node.right);
    return left === undefined ? undefined : { first: left.first, last: right?.last ?? "" };
  }
  return undefined;
}

function wordingFault({ first, last }: { first: string; last: string }): string | undefined {
  if (/^\p{Ll}/u.test(first)) return "An error's sentence begins with a capital";
  if (/\.\s*$/.test(last)) return "An error's sentence has no final period";
  return undefined;
}

function bugFault(text: string): string | undefined {
  if (text.startsWith("BUG")) return undefined;
  return "A plain 'Error' is a broken invariant and begins with 'BUG: '; for the world's faults throw an 'AgentError'";
}

export default {
  name: "denotail",
  rules: { layers, world, "function-length": functionLength, "error-wording": errorWording },
} satisfies Deno.lint.Plugin;
