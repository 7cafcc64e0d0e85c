import config from "../../deno.json" with { type: "json" };

/** Version of the program. It stands in deno.json only; `deno compile` takes that file into the binary. */
export const VERSION: string = config.version;
