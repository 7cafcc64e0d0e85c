/**
 * What npm packages carry that no program runs: types, sources, tests, documentation, native add-ons. Left out of the
 * binary. Licences stay.
 */

/** Packages that only types, native code or building needs; what asks for them does well without. */
const PACKAGES = ["@types/node", "undici-types", "cpu-features", "buildcheck", "nan"];

const FOLDERS =
  /(?:^|\/)(?:tests?|__tests?__|specs?|docs?|examples?|samples|benchmarks?|bench|perf|man|\.github|\.bin)\//;

const FILES =
  /\.(?:[cm]?ts|tsx|flow|map|md|markdown|node|cc|c|h|gyp|gypi|proto|html|css|sh|py|yml|yaml|lock|tgz|txt|patch|min\.[cm]?js|(?:spec|test)\.[cm]?js)$/;

/**
 * Names without an ending that are no code. Deno's cache marks in a package's folder, for each place that it was ever
 * installed to, that it spoke of the package's scripts.
 */
const NAMES =
  /(?:^|\/)(?:Makefile|\.npmignore|\.eslintrc\S*|\.travis\S*|\.editorconfig|tsconfig\S*\.json|bower\.json|\.scripts-(?:warned|run)\S*)$/;

const LICENCE = /(?:^|\/)(?:LICEN[CS]E|COPYING|NOTICE)[^/]*$/i;

/** Whether a package is left out as a whole. */
export function isUnusedPackage(name: string): boolean {
  return PACKAGES.includes(name);
}

/** Whether a file of a package is left out; `path` is relative to the package's folder. */
export function isLeftover(path: string): boolean {
  if (LICENCE.test(path)) return false;
  return FOLDERS.test(path) || FILES.test(path) || NAMES.test(path);
}
