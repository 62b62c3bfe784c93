#!/usr/bin/env node
// Plain JavaScript, so that an old Node gets as far as this message instead of failing on the first type annotation.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `sitebox needs Node 24 or newer; this is ${process.version} at ${process.execPath}.\n` +
      'Run it through npm, which brings the right one: "npm start" or "npx sitebox".',
  );
  process.exit(78);
}
// onnxruntime's telemetry would write files into the home folder and open connections; it is decided before its first load.
process.env.ORT_DISABLE_TELEMETRY = '1';
if (process.argv.slice(2).join(' ') === 'start') {
  // Without a configuration there is nothing to run but the demo. It is a simulator, so the gateway does not know it.
  const { demo } = await import('./simulators/demo.ts');
  process.exitCode = await demo();
} else {
  const { main } = await import('./gateway/cli/index.ts');
  await main(process.argv);
}
