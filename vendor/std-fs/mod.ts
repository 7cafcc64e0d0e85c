/** Stand-in for the published package of this name: the few functions that are used here, own code. */
export * from "./ensure_dir.ts";
export * from "./exists.ts";
export * from "./walk.ts";
