import assert from "node:assert/strict";
import { ImageTags } from "../../src/discovery/image_tags.ts";

Deno.test("ImageTags asks once per image, and again after a failure", async () => {
  const images = new ImageTags();
  let asked = 0;
  const fail = () => (asked++, Promise.reject(new Error("away")));
  const answer = () => (asked++, Promise.resolve(["a:1"]));
  assert.deepEqual(await images.of("sha256:1", fail), []);
  assert.deepEqual(await images.of("sha256:1", answer), ["a:1"]);
  assert.deepEqual(await images.of("sha256:1", fail), ["a:1"]);
  assert.equal(asked, 2);
});

Deno.test("ImageTags forgets the oldest when it is full", async () => {
  const images = new ImageTags();
  for (let i = 0; i < 1_001; i++) await images.of(`sha256:${i}`, () => Promise.resolve(["old"]));
  assert.deepEqual(await images.of("sha256:1", () => Promise.resolve(["new"])), ["old"]);
  assert.deepEqual(await images.of("sha256:0", () => Promise.resolve(["new"])), ["new"]);
});
