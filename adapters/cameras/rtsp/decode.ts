/** Decodes the access units of one camera: a second ffmpeg, which gets whole pictures and hands out those that are to be shown. */
import type { AccessUnit } from '../../../gateway/contracts/source.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { decoderArguments, frameBytes, type RtspConfig } from './command.ts';
import { startFfmpeg, type Ffmpeg } from './ffmpeg.ts';
import { frameSplitter } from './frames.ts';
import { matroskaHeader, matroskaPicture } from './matroska.codec.ts';

/** A picture that is to be shown comes out within this time, the first one within the other. */
export interface DecoderLimits {
  readonly firstMs: number;
  readonly nextMs: number;
}

export interface DecoderOptions {
  readonly config: RtspConfig;
  readonly codec: AccessUnit['codec'];
  readonly limits: DecoderLimits;
  readonly ffmpeg: string;
  /** `at`: when its access unit came. */
  onFrame(rgb: Uint8Array<ArrayBuffer>, at: number): void;
}

export async function startDecoder(options: DecoderOptions, signal: AbortSignal): Promise<Decoder> {
  return new Decoder(options, await startFfmpeg(options.ffmpeg, decoderArguments(options.config), signal), signal);
}

export class Decoder {
  /** Rejects when it has ended, with the reason; also after an abort. */
  readonly ended: Promise<never>;
  readonly #options: DecoderOptions;
  readonly #child: Ffmpeg;
  readonly #startedAt = performance.now();
  /** Of the last picture that is to be shown, in milliseconds since the start; those that are not repeat it. */
  #stamp = 0;
  /** Stamps of the pictures that are to be shown and have not come out. */
  #fed: number[] = [];
  /** Pictures and their stamps come on two pipes; these wait for the other half. */
  readonly #frames: Uint8Array<ArrayBuffer>[] = [];
  readonly #stamps: number[] = [];
  #watchdog: NodeJS.Timeout | undefined;
  #stalled: Error | undefined;
  #limitMs: number;

  constructor(options: DecoderOptions, child: Ffmpeg, signal: AbortSignal) {
    this.#options = options;
    this.#child = child;
    this.#limitMs = options.limits.firstMs;
    const onFrame = (rgb: Uint8Array<ArrayBuffer>): void => {
      this.#frames.push(rgb);
      this.#join();
    };
    child.stdout.on(
      'data',
      frameSplitter(frameBytes(options.config), onFrame, () => signal.aborted),
    );
    this.#readStamps();
    child.stdin.write(matroskaHeader(options.codec));
    this.ended = this.#end();
  }

  /** What ffmpeg has not taken yet. */
  get backlogBytes(): number {
    return this.#child.stdin.writableLength;
  }

  /** How long the oldest picture that is to be shown has waited to come out; 0 where none waits. */
  get waitMs(): number {
    return this.#fed.length === 0 ? 0 : performance.now() - this.#startedAt - this.#fed[0]!;
  }

  /** In the order of decoding. Without `show` the picture is decoded only because later ones refer to it. */
  feed(unit: AccessUnit, show: boolean): void {
    if (show) {
      this.#stamp = Math.max(this.#stamp + 1, Math.round(performance.now() - this.#startedAt));
      this.#fed.push(this.#stamp);
      this.#watchdog ??= setTimeout(() => this.#stall(), this.#limitMs);
    }
    this.#child.stdin.write(matroskaPicture(unit, this.#stamp));
  }

  async #end(): Promise<never> {
    await this.#child.ended;
    clearTimeout(this.#watchdog);
    throw this.#stalled ?? new Error(english('camera-decoder-ended'));
  }

  #stall(): void {
    this.#stalled = new Error(english('camera-decoder-stalled', { seconds: this.#limitMs / 1000 }));
    this.#child.kill();
  }

  /** ffmpeg's filter `metadata` prints a line with `pts:` for each picture that comes out. */
  #readStamps(): void {
    let rest = '';
    this.#child.log.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const stamp = /\bpts:(\d+)/.exec(line)?.[1];
        if (stamp !== undefined) this.#stamps.push(Number(stamp));
      }
      this.#join();
    });
  }

  #join(): void {
    while (this.#frames.length > 0 && this.#stamps.length > 0) {
      clearTimeout(this.#watchdog);
      this.#watchdog = undefined;
      this.#limitMs = this.#options.limits.nextMs;
      const stamp = this.#stamps.shift()!;
      const ageMs = performance.now() - this.#startedAt - stamp;
      // One that cannot be decoded never comes.
      this.#fed = this.#fed.filter((fed) => fed > stamp);
      this.#options.onFrame(this.#frames.shift()!, Date.now() - Math.max(0, Math.round(ageMs)));
    }
  }
}
