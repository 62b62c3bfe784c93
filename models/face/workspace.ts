/** The memory of one comparison: pictures, crops, chips and templates, all zeroed when the comparison is over. */

export interface Workspace {
  bytes(length: number): Uint8Array<ArrayBuffer>;
  floats(length: number): Float32Array<ArrayBuffer>;
  /** Adds a buffer that was made elsewhere, and returns it. */
  hold<B extends Uint8Array | Float32Array>(buffer: B): B;
  /** Fills everything with zeros. Nothing of this workspace may be used afterwards. */
  wipe(): void;
}

export function openWorkspace(): Workspace {
  const held: (Uint8Array | Float32Array)[] = [];
  const hold = <B extends Uint8Array | Float32Array>(buffer: B): B => {
    held.push(buffer);
    return buffer;
  };
  return {
    bytes: (length) => hold(new Uint8Array(length)),
    floats: (length) => hold(new Float32Array(length)),
    hold,
    wipe() {
      for (const buffer of held.splice(0)) buffer.fill(0);
    },
  };
}
