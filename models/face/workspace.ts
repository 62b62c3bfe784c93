/** The memory of one comparison: pictures, crops, chips and templates, all zeroed when the comparison is over. */

export type Workspace = ReturnType<typeof openWorkspace>;

export function openWorkspace() {
  const buffers: (Uint8Array | Float32Array)[] = [];
  const hold = <B extends Uint8Array | Float32Array>(buffer: B): B => {
    buffers.push(buffer);
    return buffer;
  };
  return {
    bytes: (length: number) => hold(new Uint8Array(length)),
    floats: (length: number) => hold(new Float32Array(length)),
    /** Adds a buffer that was made elsewhere, and returns it. */
    hold,
    /** Fills everything with zeros. Nothing of this workspace may be used afterwards. */
    wipe(): void {
      for (const buffer of buffers.splice(0)) buffer.fill(0);
    },
  };
}
