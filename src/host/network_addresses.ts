import type { NetworkAddress } from "../core/runtime.ts";

/** Addresses of this machine; empty without Deno's `sys` permission for `networkInterfaces`. */
export function networkAddresses(): readonly NetworkAddress[] {
  try {
    return Deno.networkInterfaces().map(({ name, family, address }) => ({
      interfaceName: name,
      family,
      address,
    }));
  } catch {
    return [];
  }
}
