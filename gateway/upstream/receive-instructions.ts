/** Receives instructions of the command room over one relay for as long as the box runs. */
import type { RelayPart } from '../contracts/parts.ts';
import type { Supervisor } from '../supervise.ts';
import type { Log } from '../contracts/base.ts';
import type { Instructions } from './instructions.ts';

const PAUSES = { firstMs: 1_000, maxMs: 60_000 };

/** A room that is polled answers after half a minute where it has nothing to say: a connection that lasts this long works. */
const UP_AFTER_MS = 60_000;

/** Until `signal` aborts. */
export async function receiveInstructions(
  { id, relay }: RelayPart,
  instructions: Pick<Instructions, 'take' | 'refuse'>,
  supervisor: Supervisor,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (!relay.receive) return;
  const device = { about: { relay: id }, lost: 'instructions of the command room cannot be received' };
  await supervisor.keep(
    `instructions:${id}`,
    (ending, up) =>
      relay.receive!(
        (instruction) => {
          instructions.take(instruction, id);
          up();
          log.info(
            { relay: id, kind: instruction.kind, instruction: instruction.id },
            'instruction of the command room',
          );
        },
        ending,
        (refusal) => instructions.refuse(refusal, id),
      ),
    signal,
    { pauses: PAUSES, upAfterMs: UP_AFTER_MS, device },
  );
}
