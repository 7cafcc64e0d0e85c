/** Splits a stream of text into lines at `\n` or `\r\n`, also where a pair is cut between two chunks. */
export class TextLineStream extends TransformStream<string, string> {
  #rest = "";

  constructor() {
    super({
      transform: (chunk, controller) => {
        const lines = (this.#rest + chunk).split("\n");
        this.#rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line.endsWith("\r") ? line.slice(0, -1) : line);
      },
      flush: (controller) => {
        if (this.#rest.length > 0) controller.enqueue(this.#rest);
      },
    });
  }
}
