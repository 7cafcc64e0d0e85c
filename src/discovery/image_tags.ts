/** Images remembered; a node has hundreds. */
const IMAGES_MAX = 1_000;

/** Tags by image id, so that a thousand containers of one image ask once. Forgets the oldest when full. */
export class ImageTags {
  #tags = new Map<string, readonly string[]>();

  /** Remembered tags, else what `ask` answers; a failed question counts as no tags and is asked again later. */
  async of(imageId: string, ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const known = this.#tags.get(imageId);
    if (known !== undefined) return known;
    let tags: readonly string[];
    try {
      tags = await ask();
    } catch {
      return [];
    }
    if (this.#tags.size >= IMAGES_MAX) this.#tags.delete(this.#tags.keys().next().value as string);
    this.#tags.set(imageId, tags);
    return tags;
  }
}
