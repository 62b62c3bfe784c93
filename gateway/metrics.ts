/** Prometheus metrics (prometheus.io/docs/practices/naming). No plate, number, person or crew id is ever a label. */
import type { Reading } from './contracts/status.ts';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Presentation } from './contracts/display.ts';
import type { Passage } from './contracts/plate.ts';

export type Metrics = ReturnType<typeof openMetrics>;

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/** How often the event loop is looked at. */
const LOOP_RESOLUTION_MS = 10;

export function openMetrics(version: string) {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });
  const seconds = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Histogram({ name, help, labelNames, buckets: BUCKETS, registers });
  const passages = counter('sitebox_passages_total', 'Vehicles that went by, listed or not', [
    'lane',
    'kind',
    'direction',
  ]);
  const presentations = counter('sitebox_presentations_total', 'Documents presented at a gate, listed or not', [
    'lane',
    'document',
    'outcome',
  ]);
  const shown = seconds('sitebox_presentation_seconds', "From the document's last byte to its outcome on the display", [
    'lane',
  ]);
  const commit = seconds('sitebox_hit_commit_seconds', 'From the arrival of the deciding frame to the hit on disk');
  const delivery = seconds('sitebox_hit_delivery_seconds', 'From the hit on disk to its acknowledgement upstream', [
    'relay',
  ]);
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  new Gauge({
    name: 'sitebox_event_loop_delay_seconds',
    help: 'How late the main thread came to its work since the last scrape',
    labelNames: ['quantile'],
    registers,
    collect() {
      // What the timer itself waits is no delay.
      for (const q of [0.5, 0.99]) {
        const seconds = loop.percentile(q * 100) / 1e9 - LOOP_RESOLUTION_MS / 1000;
        this.set({ quantile: q }, Math.max(0, Number.isFinite(seconds) ? seconds : 0));
      }
      loop.reset();
    },
  });
  new Gauge({ name: 'sitebox_build_info', help: 'Always 1', labelNames: ['version'], registers }).set({ version }, 1);
  return {
    registry,
    passage: (p: Passage) => passages.inc({ lane: p.lane, kind: p.best.kind, direction: p.direction }),
    /** `seconds` from the document's last byte to the outcome on the lane's display. */
    presentation({ lane, document, outcome }: Presentation, seconds: number) {
      presentations.inc({ lane, document, outcome });
      shown.observe({ lane }, Math.max(0, seconds));
    },
    /** Seconds from the arrival of the deciding frame to the commit of its hit. */
    hitCommitted: (seconds: number) => commit.observe(seconds),
    /** Seconds from the commit of a hit to its acknowledgement by a relay. */
    hitDelivered: (relay: string, seconds: number) => delivery.observe({ relay }, seconds),
    /** Adds values that are read at scrape time. */
    show: (readings: readonly Reading[]) => readings.forEach((reading) => register(reading, registers)),
  };
}

function register(reading: Reading, registers: Registry[]): void {
  const common = { name: reading.name, help: reading.help, labelNames: [...reading.labels], registers };
  const named = (values: readonly string[]) => Object.fromEntries(reading.labels.map((l, i) => [l, values[i] ?? '']));
  if (reading.type === 'gauge') {
    new Gauge({
      ...common,
      collect() {
        for (const [labels, value] of reading.read()) this.set(named(labels), value);
      },
    });
    return;
  }
  new Counter({
    ...common,
    collect() {
      // The part keeps its own total; the counter shows it.
      this.reset();
      for (const [labels, value] of reading.read()) this.inc(named(labels), value);
    },
  });
}
