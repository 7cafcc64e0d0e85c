import type { HttpAnswer, HttpPages } from "../core/http.ts";
import { exposeMetrics, EXPOSITION_TYPE } from "./exposition.ts";
import { type Health, type LiveFacts, liveness, readiness, type ReadyFacts } from "./health.ts";
import type { MetricFamily } from "./metrics.ts";

const TEXT = "text/plain; charset=utf-8";

/** `/metrics`, `/healthz` and `/readyz`. The facts are asked for with each request. */
export function httpPages(
  registry: { families(): Iterable<MetricFamily> },
  ready: () => ReadyFacts,
  live: () => LiveFacts,
): HttpPages {
  return async (method: string, path: string): Promise<HttpAnswer> => {
    if (method !== "GET" && method !== "HEAD") return { status: 405, contentType: TEXT, body: "use GET\n" };
    switch (path) {
      case "/metrics":
        return { status: 200, contentType: EXPOSITION_TYPE, body: await exposeMetrics(registry.families()) };
      case "/healthz":
        return healthPage(liveness(live()));
      case "/readyz":
        return healthPage(readiness(ready()));
    }
    return { status: 404, contentType: TEXT, body: "there are /metrics, /healthz and /readyz\n" };
  };
}

function healthPage(health: Health): HttpAnswer {
  const lines = [...health.ok ? ["ok"] : health.reasons, ...health.notes ?? []];
  return {
    status: health.ok ? 200 : 503,
    contentType: TEXT,
    body: lines.map((line) => `${line}\n`).join(""),
  };
}
