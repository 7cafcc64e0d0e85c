/** Version of the program; the same as in deno.json (a test compares). */
export const VERSION = "0.1.0";
