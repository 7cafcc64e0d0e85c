/** Words in the names of runtimes that keep a container's files out of the host's sight. */
const VM_WORDS = /kata|firecracker|qemu|dragonball|hyperv|hcs|krun|runsc|gvisor|rund\b/i;

/**
 * Whether a runtime class' handler (`kata-qemu`), a containerd runtime type (`io.containerd.kata.v2`) or a
 * Docker runtime (`runsc`) runs containers behind a machine border: stdout is collected, files inside are not
 * visible from the host.
 */
export function isVmRuntime(...names: readonly string[]): boolean {
  return names.some((name) => VM_WORDS.test(name));
}
