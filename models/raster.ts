/** A picture in memory and a rectangle in it. Types only. */

/** `rgb` holds width × height × 3 bytes, row by row. A `Frame` is one. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array<ArrayBuffer>;
}

export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
