/** Places of the checkout, as absolute paths. */
import { fileURLToPath } from "node:url";

/** Path of a `file:` URL. */
export function fromFileUrl(url: URL): string {
  return fileURLToPath(url);
}

/** The root folder of the checkout, without a slash at its end. */
export const projectRoot = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");
