/** Which Deno runs the tests. The product runs on 2.4 too; a few things that only tests use do not work there. */
export const onDeno24 = Deno.version.deno.startsWith("2.4.");

/** `Deno.test` for what Deno 2.4 cannot do: ignored there, with the reason behind the name. */
export function notOnDeno24(reason: string): (name: string, body: () => void | Promise<void>) => void {
  return (name, fn) =>
    onDeno24 ? Deno.test.ignore(`${name} (not on Deno 2.4: ${reason})`, fn) : Deno.test(name, fn);
}
