/** One answer of the agent's own HTTP pages. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers one request; `path` without its query. */
export type HttpPages = (method: string, path: string) => Promise<HttpAnswer>;
