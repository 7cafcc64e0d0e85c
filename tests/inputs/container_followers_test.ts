import assert from "node:assert/strict";
import fc from "fast-check";
import type { Container } from "../../src/core/container.ts";
import type { Follow } from "../../src/core/tailing.ts";
import { ContainerFollowers } from "../../src/inputs/container_followers.ts";
import { FakeDiscovery } from "../support/fake_discovery.ts";
import { mapOf, pod } from "./containers.ts";

/** A follow that notes what it is told. */
class KeptFollow implements Follow {
  readonly calls: string[] = [];
  done = false;
  finish(): void {
    this.calls.push("finish");
  }
  resume(): void {
    this.calls.push("resume");
  }
  close(): void {
    this.calls.push("close");
    this.done = true;
  }
}

/** Followers of containers with the label `on`; each has one follow, unless its log path is empty. */
function bed() {
  const discovery = new FakeDiscovery();
  const follows: (KeptFollow & { container?: () => Container })[] = [];
  const followers = new ContainerFollowers(
    discovery,
    (container) => container.labels.has("on"),
    (container) => {
      if (container().logPath === "") return [];
      const follow = Object.assign(new KeptFollow(), { container });
      follows.push(follow);
      return [follow];
    },
  );
  return { discovery, follows, followers };
}

const on = (fields: Partial<Container> = {}) => pod("c1", { labels: mapOf({ on: "" }), ...fields });

Deno.test("ContainerFollowers follows what is there at its start and what comes later, once", () => {
  const { discovery, follows, followers } = bed();
  discovery.publish(on(), pod("c2"));
  followers.start();
  followers.start();
  discovery.publish(on(), pod("c2"), pod("c3", { labels: mapOf({ on: "" }) }));
  assert.equal(follows.length, 2);
  assert.equal(followers.size, 2);
  followers.stop();
  discovery.publish(on(), pod("c4", { labels: mapOf({ on: "" }) }));
  assert.equal(follows.length, 2);
  assert.equal(discovery.listeners, 0);
});

Deno.test("ContainerFollowers finishes a container that ended, once, and forgets it when it is read", () => {
  const { discovery, follows, followers } = bed();
  discovery.publish(on());
  followers.start();
  discovery.publish(on({ state: "exited" }));
  discovery.publish(on({ state: "gone" }));
  discovery.publish();
  assert.deepEqual(follows[0].calls, ["finish"]);
  assert.equal(followers.size, 1);
  follows[0].done = true;
  discovery.publish();
  assert.equal(followers.size, 0);
});

Deno.test("ContainerFollowers resumes a container that runs again, and follows it anew when it was read to its end", () => {
  const { discovery, follows, followers } = bed();
  discovery.publish(on());
  followers.start();
  discovery.publish(on({ state: "exited" }));
  discovery.publish(on());
  assert.deepEqual(follows[0].calls, ["finish", "resume"]);
  discovery.publish(on({ state: "exited" }));
  follows[0].done = true;
  discovery.publish(on());
  assert.equal(follows.length, 2);
  assert.deepEqual(follows[1].calls, []);
});

Deno.test("ContainerFollowers closes what a label change takes away, and begins again", () => {
  const { discovery, follows, followers } = bed();
  discovery.publish(on());
  followers.start();
  discovery.publish(pod("c1"));
  assert.deepEqual(follows[0].calls, ["close"]);
  assert.equal(followers.size, 0);
  discovery.publish(on());
  assert.equal(follows.length, 2);
});

Deno.test("ContainerFollowers gives follows what is known of the container now", () => {
  const { discovery, follows, followers } = bed();
  discovery.publish(on());
  followers.start();
  discovery.publish(on({ ip: "10.2.0.1" }));
  assert.equal(follows[0].container?.().ip, "10.2.0.1");
  discovery.publish();
  assert.equal(follows[0].container?.().ip, "10.2.0.1", "kept when it is gone");
});

Deno.test("ContainerFollowers tries again when a container could not be followed and changed", () => {
  const { discovery, follows, followers } = bed();
  discovery.publish(on({ logPath: "" }));
  followers.start();
  assert.equal(follows.length, 0);
  discovery.publish(on());
  assert.equal(follows.length, 1);
});

Deno.test("ContainerFollowers does not begin with a container that is gone, and finishes one that is over", () => {
  const { discovery, follows, followers } = bed();
  discovery.publish(on({ state: "gone" }));
  followers.start();
  assert.equal(follows.length, 0);
  discovery.publish(on({ state: "exited" }));
  assert.deepEqual(follows[0].calls, ["finish"]);
});

Deno.test("ContainerFollowers follows exactly the running accepted containers, whatever the order of changes", () => {
  const state = fc.record({
    id: fc.constantFrom("a", "b", "c"),
    labels: fc.constantFrom(mapOf({}), mapOf({ on: "" })),
    state: fc.constantFrom("running" as const, "exited" as const),
  });
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(state, { selector: ({ id }) => id }), { maxLength: 8 }), (steps) => {
      const { discovery, follows, followers } = bed();
      followers.start();
      for (const step of steps) {
        discovery.publish(...step.map(({ id, labels, state }) => pod(id, { labels, state })));
        const live = follows.filter((follow) => !follow.done && follow.calls.at(-1) !== "finish");
        const wanted = step.filter(({ labels, state }) => labels.has("on") && state === "running");
        assert.deepEqual(
          live.map(({ container }) => container?.().id).toSorted(),
          wanted.map(({ id }) => id).toSorted(),
        );
        for (const follow of follows) if (follow.calls.at(-1) === "finish") follow.done = true;
      }
    }),
  );
});
