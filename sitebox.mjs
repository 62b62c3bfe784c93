#!/usr/bin/env node
// Plain JavaScript, so that an old Node gets as far as this line instead of failing on the first type annotation.
import { spawn } from 'child_process';
import { existsSync, realpathSync } from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const EXIT_CONFIG = 78;
const program = fileURLToPath(import.meta.url);
const folder = dirname(program);
const ourNode = join(folder, 'node_modules/.bin/node');

const [major = 0] = process.versions.node.split('.').map(Number);
if (major >= 24) {
  await run();
} else if (existsSync(ourNode) && realpathSync(ourNode) !== realpathSync(process.execPath)) {
  underOurNode();
} else {
  console.error(
    `sitebox needs Node 24 or newer; this is ${process.version} at ${process.execPath}.\n` +
      `Run ./setup in ${folder}: it brings the right one and leaves this one as it is.`,
  );
  process.exitCode = EXIT_CONFIG;
}

async function run() {
  // onnxruntime's telemetry would write files into the home folder and open connections; it is decided before its first load.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  endEarly();
  const { sitebox } = await import('./sitebox.ts').catch(notSetUp);
  // Under `node --watch` Node would report the imports of each thread as messages of that thread, which look like answers to whoever started it.
  // Under `node --watch` Node would report the imports of each thread as messages of that thread, which look like answers to whoever started it.
  delete process.env.WATCH_REPORT_DEPENDENCIES;
  await sitebox(process.argv);
}

/** Until `start` listens for signals itself, while everything is loaded, one ends it as a later one does: with 0. */
function endEarly() {
  if (!process.argv.includes('start')) return;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const end = () => {
      if (process.listenerCount(signal) === 1) process.exit(0);
      process.off(signal, end);
    };
    process.on(signal, end);
  }
}

/** A package that is missing, damaged, or without its binary: a stack would not say what to do. */
function notSetUp(error) {
  if (!isOfPackage(error)) throw error;
  sayNotSetUp(error.message.split('\n')[0]);
  process.exit(EXIT_CONFIG);
}

/** Each package has errors of its own for a binary that it does not find; what they have in common is where they are thrown. */
function isOfPackage({ code, stack = '' }) {
  if (['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'].includes(code)) return true;
  // The place of a syntax error stands before the message.
  const [where = ''] = /^\s+at .*$/m.exec(stack) ?? [];
  return `${stack.split('\n')[0]}${where}`.includes('/node_modules/');
}

function sayNotSetUp(why) {
  console.error(`sitebox cannot start: ${why}\nRun ./setup in ${folder}.`);
}

/** The Node that ./setup brought takes over, in a session of its own, so that a signal reaches it once: from here. */
function underOurNode() {
  const child = spawn(ourNode, [program, ...process.argv.slice(2)], { stdio: 'inherit', detached: true });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  // It is there and does not start: damaged, for another processor, or on a disk that runs no programs.
  child.on('error', (error) => {
    if (child.pid !== undefined) return;
    sayNotSetUp(`its Node does not start: ${error.message}`);
    process.exitCode = EXIT_CONFIG;
  });
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}
