/** Stand-in for the published package of this name: the few functions that are used here, own code. */
export * from "./text_line_stream.ts";
export * from "./to_text.ts";
