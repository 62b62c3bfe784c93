/** The mistakes of a configuration for a person. */
import type { ConfigError } from '../contracts/errors.ts';
import { inLanguage, words, type Value } from '../contracts/words/words.ts';

/** `FILE:LINE path: message (hint)`, one line each, in the language that `speak` puts things into. */
export function explainConfigError(
  { file, problems }: ConfigError,
  speak: (value: Value) => string = (value) => inLanguage(value, 'en'),
): string {
  return problems
    .map((p) => {
      const where = p.line === undefined ? file : `${file}:${p.line}`;
      const path = p.path.length > 0 ? ` ${p.path.join('.')}:` : '';
      return `${where}${path} ${speak(p.message)}${p.hint ? speak(words('config-hint', { hint: p.hint })) : ''}`;
    })
    .join('\n');
}
