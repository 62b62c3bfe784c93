/** `sitebox cameras …`: which cameras are on the network, and what one of them is. Nothing is sent to a camera but on such a command. */
import type { Onvif } from '../../contracts/onvif.ts';
import { group, type Verb } from '../verb.ts';
import { cardVerb } from './card.ts';
import { findVerb } from './find.ts';
import { probeVerb } from './probe.ts';

/** `worker`: the program of the inference threads. */
export function camerasCommand(onvif: Onvif, worker: URL): Verb {
  return group('cameras', 'help-cameras', [findVerb(onvif), probeVerb(onvif, worker), cardVerb()]);
}
