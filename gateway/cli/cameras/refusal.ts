/** What a camera refuses ends a verb with one sentence. */
import { CameraError } from '../../contracts/errors.ts';
import { Stop } from '../exit.ts';
import { spoken } from '../language.ts';

export async function orStop<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof CameraError ? new Stop(spoken(error.message)) : error;
  }
}
