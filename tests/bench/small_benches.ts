import type { TestKafka } from "../support/kafka.ts";
export function startFigure(_k: TestKafka, _s: string): Promise<string[]> {
  throw new Error("todo");
}
export function idleFigure(_k: TestKafka, _s: string): Promise<string[]> {
  throw new Error("todo");
}
export function lonelyFigure(_k: TestKafka, _s: string): Promise<string[]> {
  throw new Error("todo");
}
