/** What the checks of this room return: the value, or a reason for machines and a sentence for the person who must act on it. */
import type { ListProblem } from '../contracts/list.ts';

export interface ListRefusal {
  readonly ok: false;
  readonly why: ListProblem;
  /** Says what is wrong, what was expected and what to do. Never holds a plate or a document number. */
  readonly detail: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | ListRefusal;

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(why: ListProblem, detail: string): ListRefusal {
  return { ok: false, why, detail };
}
