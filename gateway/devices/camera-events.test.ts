/** What cameras say of themselves becomes problems and ends; one that refuses is said once, and asked again in minutes. */
import { expect, it, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import type { CameraIdentity, CameraListener } from '../contracts/onvif.ts';
import { Supervisor } from '../supervise.ts';
import { CameraSelfReports } from './camera-events.ts';

const IDENTITY: CameraIdentity = {
  maker: 'M',
  model: 'T',
  firmware: '1',
  serial: 'S',
  address: '192.0.2.7',
  mac: undefined,
};

function open(run: (heard: CameraListener, signal: AbortSignal) => Promise<void>) {
  let mono = 0;
  const identified = vi.fn();
  const camera = { id: 'north-1', lane: 'north', events: { run } };
  const reports = new CameraSelfReports({
    cameras: [camera],
    supervisor: new Supervisor(SILENT_LOG),
    clock: { mono: () => mono },
    identified,
  });
  const codes = (): string[] => (reports.status.problems?.() ?? []).map(({ code }) => code);
  return { reports, codes, identified, pass: (ms: number) => void (mono += ms) };
}

it('an event is a problem until the camera says that it is over, or has not said it again for an hour', async () => {
  let heard: CameraListener | undefined;
  const { reports, codes, identified, pass } = open((listener, signal) => {
    heard = listener;
    listener.subscribed(IDENTITY);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  });
  const stop = new AbortController();
  const running = reports.run(stop.signal);
  await vi.waitFor(() => expect(identified).toHaveBeenCalledExactlyOnceWith('north-1', IDENTITY));
  expect(codes()).toEqual([]);
  heard!.event({ kind: 'lens', source: 'dark', active: true });
  heard!.event({ kind: 'tampering', source: 'a', active: true });
  heard!.event({ kind: 'tampering', source: 'b', active: true });
  expect(codes()).toEqual(['camera-says-tampering', 'camera-says-lens']);
  expect(reports.status.health?.()).toEqual({
    cameraEvents: [{ camera: 'north-1', listening: true, error: null, active: ['tampering', 'lens'] }],
  });
  heard!.event({ kind: 'tampering', source: 'a', active: false });
  expect(codes()).toEqual(['camera-says-tampering', 'camera-says-lens']);
  heard!.event({ kind: 'tampering', source: 'b', active: false });
  expect(codes()).toEqual(['camera-says-lens']);
  pass(3_600_000);
  expect(codes()).toEqual([]);
  // A camera that tells ever new sources fills nothing.
  for (let i = 0; i < 1_000; i++) heard!.event({ kind: 'lens', source: `${i}`, active: true });
  expect(codes()).toEqual(['camera-says-lens']);
  stop.abort();
  await running;
});

it('a camera that refuses is a problem with its reason, and asked again in minutes', async () => {
  const keep = vi.spyOn(Supervisor.prototype, 'keep');
  const run = vi.fn(() => Promise.reject(new Error('it takes no subscription')));
  const { reports, codes } = open(run);
  const stop = new AbortController();
  const running = reports.run(stop.signal);
  await vi.waitFor(() => expect(codes()).toEqual(['camera-events-off']));
  expect(reports.status.problems?.()[0]?.what).toContain('is not heard: it takes no subscription');
  expect(keep.mock.lastCall?.[3].pauses).toEqual({ firstMs: 60_000, maxMs: 600_000 });
  stop.abort();
  await running;
  expect(run).toHaveBeenCalledOnce();
});
