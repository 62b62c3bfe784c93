/** What the model files are to the gateway: the programs of its threads, and files that a person lists, checks and fetches. Types only. */

export interface Models {
  /** The program of an inference thread; `gateway/inference/jobs.ts` is what it answers. */
  readonly worker: URL;
  /** The program of the thread that decodes what plate cameras push. */
  readonly decoder: URL;
  /** Every model file of the manifest, as it is found now. Throws where the manifest is broken. */
  files(): readonly InstalledModel[];
  /** Downloads one that is `fetchable`, or takes it out of `from`, a folder or the start of a URL. Throws only when its place cannot be written. */
  fetch(name: string, from: string | undefined): Promise<FetchOutcome>;
}

export interface InstalledModel {
  readonly name: string;
  readonly title: string;
  readonly bytes: number;
  readonly licence: string;
  /** What does not work without it; absent for one that only improves something. */
  readonly neededFor?: string;
  /** altered: there is a file, and it is not the one that was measured. */
  readonly state: 'present' | 'missing' | 'altered';
  /** Where it comes from, for people. */
  readonly origin: string;
  /** What a person does about one that is missing or altered. */
  readonly remedy: string;
  readonly fetchable: boolean;
}

/** unavailable: it could not be had, try again or elsewhere. refused: what came is not the model. Each with what to do. */
export type FetchOutcome =
  { readonly outcome: 'fetched' } | { readonly outcome: 'unavailable' | 'refused'; readonly message: string };
