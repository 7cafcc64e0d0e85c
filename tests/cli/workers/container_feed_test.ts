import assert from "node:assert/strict";
import { ContainerFeed } from "../../../src/cli/workers/container_feed.ts";
import type { FromWorker } from "../../../src/cli/workers/messages.ts";
import { PortDiscovery } from "../../../src/cli/workers/port_discovery.ts";
import type { Container, ContainerSnapshot } from "../../../src/core/container.ts";
import { container } from "../../support/runtime_fixtures.ts";

const COUNT = 3;

function snapshot(sequence: number, containers: Iterable<Container>, complete = true): ContainerSnapshot {
  return {
    sequence,
    containers: new Map([...containers].map((each) => [each.id, each])),
    complete,
    runtimes: [],
  };
}

/** The way of a list to three workers, with a clone in between as between threads. */
class Feeds {
  readonly posted: FromWorker[] = [];
  readonly failures: unknown[] = [];
  readonly feeds = Array.from({ length: COUNT }, (_, index) => new ContainerFeed({ index, count: COUNT }));
  readonly lists = this.feeds.map(() =>
    new PortDiscovery(
      { post: (message) => this.posted.push(message), ask: () => "", onMessage() {} },
      (error) => this.failures.push(error),
    )
  );

  say(next: ContainerSnapshot): number {
    let told = 0;
    for (const [i, feed] of this.feeds.entries()) {
      const change = feed.next(next);
      if (change !== null) this.lists[i].apply(structuredClone(change));
      if (change !== null) told++;
    }
    return told;
  }

  all(): Map<string, Container> {
    return new Map(this.lists.flatMap((list) => [...list.current().containers]));
  }
}

Deno.test("ContainerFeed and PortDiscovery give every container to one worker, whatever comes and goes", () => {
  const feeds = new Feeds();
  const live = new Map(Array.from({ length: 30 }, (_, i) => [`id${i}`, container(`id${i}`)]));
  assert.equal(feeds.say(snapshot(1, live.values(), false)), COUNT);
  assert.equal(feeds.lists[0].current().complete, false);
  assert.equal(feeds.say(snapshot(2, live.values())), COUNT, "the list is complete now");
  assert.equal(feeds.lists.every((list) => list.current().complete), true);
  assert.equal(feeds.lists.reduce((sum, list) => sum + list.current().containers.size, 0), 30);
  live.delete("id3");
  live.set("id4", container("id4", { state: "exited" }));
  live.set("new", container("new"));
  const before = feeds.lists.map((list) => list.current());
  assert.ok(feeds.say(snapshot(3, live.values())) >= 1);
  assert.deepEqual([...feeds.all().keys()].sort(), [...live.keys()].sort());
  assert.deepEqual(feeds.all().get("id4"), live.get("id4"));
  for (const [i, list] of feeds.lists.entries()) {
    for (const [id, each] of list.current().containers) {
      if (id !== "id4" && id !== "new") {
        assert.equal(each, before[i].containers.get(id), "the same object as before");
      }
    }
  }
  assert.equal(feeds.say(snapshot(4, live.values())), 0, "nothing is news");
});

Deno.test("PortDiscovery tells all who listen, also when one of them throws, and passes on what inputs ask for", async () => {
  const { lists: [list], feeds: [feed], failures, posted } = new Feeds();
  const seen: number[] = [];
  list.onSnapshot(() => {
    throw new Error("no");
  });
  const end = list.onSnapshot(({ containers }) => seen.push(containers.size));
  const live = Array.from({ length: 9 }, (_, i) => container(`id${i}`));
  list.apply(feed.next(snapshot(1, live))!);
  end();
  list.apply(feed.next(snapshot(2, []))!);
  assert.equal(seen.length, 1);
  assert.equal(failures.length, 2);
  list.keepEnv(new Set(["A"]));
  list.keepEnv([]);
  list.refresh();
  assert.deepEqual(posted, [{ kind: "keep", names: ["A"] }, { kind: "refresh" }]);
  list.start();
  await list.stop();
});
