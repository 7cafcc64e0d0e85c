import assert from "node:assert/strict";
import { type CompileOptions, grantsFor, readOptions } from "../../build/options.ts";
import { grantsOf } from "../../src/cli/permissions.ts";

const none: CompileOptions["more"] = { read: [], write: [], env: [], net: [] };

Deno.test("readOptions makes both profiles for this machine when nothing is asked for", () => {
  assert.deepEqual(readOptions([]), {
    profiles: ["daemonset", "vm"],
    target: undefined,
    out: undefined,
    more: none,
    print: false,
  });
});

Deno.test("readOptions takes targets in the words of Deno and of image builders", () => {
  const target = (text: string) => (readOptions(["--target", text]) as CompileOptions).target;
  assert.equal(target("arm64"), "aarch64-unknown-linux-gnu");
  assert.equal(target("amd64"), "x86_64-unknown-linux-gnu");
  assert.equal(target("aarch64-unknown-linux-gnu"), "aarch64-unknown-linux-gnu");
  assert.equal(target(""), undefined);
});

Deno.test("readOptions says what is wrong", () => {
  for (
    const [args, sentence] of [
      [["--target", "riscv"], /no target 'riscv'/],
      [["--profile", "pod"], /no profile 'pod'/],
      [["--out", "x"], /name its --profile/],
      [["--profile", "vm", "--out="], /'' names no file/],
      [["--profile", "vm", "--out=dist/"], /'dist\/' names no file/],
      [["--profile", "vm", "--out=/a/.."], /names no file/],
      [["--read=logs"], /'logs' is no absolute path/],
      [["--net=kafka"], /found 'kafka', expected an address with a port/],
      [["--nett=kafka:1"], /nett/],
    ] as const
  ) assert.match(readOptions(args) as string, sentence);
});

Deno.test("grantsFor adds paths and names, and puts a list in the place of any address", () => {
  const { more } = readOptions([
    "--read=/a,/b",
    "--write=/c",
    "--env=TOKEN",
    "--net=k1:9092,k2:9092",
  ]) as CompileOptions;
  const table = grantsOf("daemonset");
  assert.deepEqual(grantsFor("daemonset", none), table);
  const grants = grantsFor("daemonset", more);
  assert.deepEqual(grants.read, [...table.read!, "/a", "/b", "/c"]);
  assert.deepEqual(grants.write, [...table.write!, "/c"]);
  assert.deepEqual(grants.env, [...table.env!, "TOKEN"]);
  assert.deepEqual(grants.net, ["127.0.0.1:9465", "k1:9092", "k2:9092"]);
});
