import type { CheckpointRow, LaneKey, SavedLane } from "../core/checkpoint.ts";
import { checkSum } from "./check_sum.ts";

/**
 * What the rows of the store mean. The first element of each body says what it is:
 *
 *     ["born", bornMs]
 *     ["pipeline", name, firstSeenMs]
 *     ["note", name, text]
 *     ["lane", pipeline, input, flusher, source, device, inode, [done…], [head length, hash],
 *              [anchor at, length, hash], hostPath, savedMs, seenBytes?, label?]
 */
export type Stored =
  | { readonly kind: "born"; readonly bornMs: number }
  | { readonly kind: "pipeline"; readonly name: string; readonly firstSeenMs: number }
  | { readonly kind: "note"; readonly name: string; readonly text: string }
  | { readonly kind: "lane"; readonly lane: SavedLane };

/** A row that carries its check sum. */
export function encodeRow(id: number, stored: Stored): CheckpointRow {
  const body = JSON.stringify(bodyOf(stored));
  return { id, body, sum: checkSum(`${id}${body}`) };
}

/** `null` for a row that is not what was written. */
export function decodeRow(row: CheckpointRow): Stored | null {
  if (typeof row.body !== "string" || checkSum(`${row.id}${row.body}`) !== row.sum) return null;
  try {
    return decodeBody(JSON.parse(row.body));
  } catch {
    return null;
  }
}

/** The lane's identity as one text. */
export function laneKeyText(key: LaneKey): string {
  return JSON.stringify([key.pipeline, key.input, key.flusher, key.source, key.device, key.inode]);
}

function bodyOf(stored: Stored): unknown[] {
  switch (stored.kind) {
    case "born":
      return ["born", stored.bornMs];
    case "pipeline":
      return ["pipeline", stored.name, stored.firstSeenMs];
    case "note":
      return ["note", stored.name, stored.text];
    case "lane":
      return laneBody(stored.lane);
  }
}

function laneBody(lane: SavedLane): unknown[] {
  const { key, head, anchor } = lane;
  return [
    "lane",
    key.pipeline,
    key.input,
    key.flusher,
    key.source,
    key.device,
    key.inode,
    lane.done,
    [head.length, head.hash],
    [anchor.at, anchor.length, anchor.hash],
    lane.hostPath,
    lane.savedMs,
    ...tailOf(lane),
  ];
}

/** Elements that came later: what is missing at the end is left out, so that rows of older agents read the same. */
function tailOf({ seenBytes, label }: SavedLane): unknown[] {
  if (label !== undefined) return [seenBytes ?? null, label];
  return seenBytes === undefined ? [] : [seenBytes];
}

// The check sum vouches for the shape of what this version wrote; a newer version has another schema number.
// deno-lint-ignore no-explicit-any
function decodeBody(body: any[]): Stored | null {
  if (body[0] === "born") return { kind: "born", bornMs: body[1] };
  if (body[0] === "pipeline") return { kind: "pipeline", name: body[1], firstSeenMs: body[2] };
  if (body[0] === "note") return { kind: "note", name: body[1], text: body[2] };
  if (body[0] !== "lane") return null;
  const [
    ,
    pipeline,
    input,
    flusher,
    source,
    device,
    inode,
    done,
    head,
    anchor,
    hostPath,
    savedMs,
    seenBytes,
    label,
  ] = body;
  return {
    kind: "lane",
    lane: {
      key: { pipeline, input, flusher, source, device, inode },
      done,
      head: { length: head[0], hash: head[1] },
      anchor: { at: anchor[0], length: anchor[1], hash: anchor[2] },
      hostPath,
      savedMs,
      ...(seenBytes === undefined || seenBytes === null ? {} : { seenBytes }),
      ...(label === undefined ? {} : { label }),
    },
  };
}
