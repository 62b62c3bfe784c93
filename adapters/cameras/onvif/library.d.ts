/** The part of the library's own helpers that the client uses. */
declare module 'onvif/lib/utils.js' {
  /** Calls back once, or twice where the first call throws. `body` holds what stands in the body of the envelope, as xml2js gives it. */
  export function parseSOAPString(
    xml: string,
    callback: (error: Error | null, body: unknown) => void,
    statusCode: number,
  ): void;
}
