/** Hears the command room over one relay for as long as the box runs. */
import { causeOf } from '../contracts/errors.ts';
import type { RelayPart } from '../contracts/parts.ts';
import type { Supervisor } from '../supervise.ts';
import type { Log } from '../contracts/base.ts';
import type { Instructions } from './instructions.ts';

const PAUSES = { firstMs: 1_000, mostMs: 60_000 };

/** Until `signal` aborts. What is lost is tried again; it is said when it begins and when its cause changes. */
export async function hearInstructions(
  { id, relay }: RelayPart,
  instructions: Pick<Instructions, 'take' | 'refuse'>,
  supervisor: Supervisor,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (!relay.receive) return;
  let said: string | undefined;
  const run = (ending: AbortSignal) =>
    relay.receive!(
      (instruction) => {
        instructions.take(instruction, id);
        said = undefined;
        log.info({ relay: id, kind: instruction.kind, instruction: instruction.id }, 'instruction of the command room');
      },
      ending,
      (refusal) => instructions.refuse(refusal, id),
    );
  const watcher = {
    started: () => undefined,
    failed(error: unknown) {
      const cause = causeOf(error);
      if (cause !== said) log.warn({ relay: id, cause }, 'instructions of the command room cannot be heard');
      said = cause;
    },
  };
  await supervisor.keep(`instructions:${id}`, run, signal, { pauses: PAUSES, watcher });
}
