/** Reads a stream of UTF-8 bytes or of text to its end and returns it as one string. */
export async function toText(stream: ReadableStream<Uint8Array> | ReadableStream<string>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream as ReadableStream<Uint8Array | string>) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
