/** What is linted, and by which rules. `npm run check:lint` runs the compiler first: see `declarations`. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const BROWSER = 'gateway/web/client/*.js';

/**
 * A digest of everything the files declare to each other, from the compiler's own record. ESLint's cache takes a result back when a file or its
 * configuration changes, and knows nothing of the other files that typed rules read. With the digest among the settings, a change of any
 * declaration empties the cache; a change inside a function does not.
 */
function declarations() {
  const hash = createHash('sha256');
  for (const file of globSync('.cache/*.tsbuildinfo', { cwd: import.meta.dirname }).sort()) {
    const { fileNames, fileInfos, options } = JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'));
    // A file whose declarations equal its text, or are not known yet, has a version alone: the digest of the text.
    const signatures = fileInfos.map((info) => info.signature || info.version || info);
    hash.update(JSON.stringify([fileNames, signatures, options]));
  }
  return hash.digest('hex');
}

export default tseslint.config(
  { ignores: ['node_modules/', '.cache/', 'page-dist/', 'data/', 'demo-data/'] },
  { settings: { declarations: declarations() } },
  js.configs.recommended,
  {
    files: ['**/*.ts', BROWSER],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // An async method of a contract may have nothing to wait for in one of its implementations.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression',
          message: 'Write the properties plainly: those of a literal that is spread are not checked for excess ones.',
        },
      ],
    },
  },
  // The compiler knows the browser's names; a type that JSDoc gives to what JSON.parse returns is not seen by the rule.
  { files: [BROWSER], rules: { 'no-undef': 'off', '@typescript-eslint/no-unsafe-assignment': 'off' } },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
);
