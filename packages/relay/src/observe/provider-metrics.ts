import { Counter, Gauge, Registry } from 'prom-client';
import type { IndexInfo } from '@tributary/store';
import type { MoneyAtRisk } from '../payments/ledger.ts';
import type { ServeEvent } from '../serve/types.ts';
import { observeFolder } from './node-metrics.ts';

/** Metrics of a provider. The values of labels are closed sets: its own indexes, codes, states of money. */
export interface ProviderMetrics {
  /** Counts one reply of the serve line. */
  observe(event: ServeEvent): void;
  /** Everything in the Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/**
 * @param risk called at each reading
 * @param indexes likewise
 * @param readOnly whether nothing can be written
 */
export function createProviderMetrics(
  risk: () => MoneyAtRisk,
  indexes: () => readonly EngineOf[] = () => [],
  readOnly = false,
): ProviderMetrics {
  const registry = new Registry();
  observeFolder(registry, readOnly);
  const registers = [registry];
  const count = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `tributary_provider_${name}_total`, help, labelNames, registers });
  const answers = count('answers', 'Answers by index and status; again: repeated for a ticket that was answered before.', [
    'index',
    'status',
    'again',
  ]);
  const charged = count('charged', "Charges by index, in the ledger's unit.", ['index']);
  const shown = count('records_shown', 'Results shown, by index and to whom: what is exposed.', ['index', 'to']);
  const texts = count('texts_embedded', 'Texts whose vectors were given, by model and to whom.', ['model', 'to']);
  const refusals = count('refusals', 'Refusals by code; EXPOSURE_CAP and RATE_LIMITED are what the policy holds back.', ['code']);
  readMoney(registers, risk);
  readEngines(registers, indexes);
  return {
    observe(event) {
      if (event.kind === 'refusal') {
        refusals.inc({ code: event.code });
        return;
      }
      const { index, status, again } = event;
      answers.inc({ index, status, again: String(again) });
      charged.inc({ index }, Number(event.charge));
      if (event.texts > 0) texts.inc({ model: index, to: event.to }, event.texts);
      else shown.inc({ index, to: event.to }, event.shown);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** What is read of an index. */
type EngineOf = Pick<IndexInfo, 'name' | 'engine'>;

/** Indexes whose graphs are on an engine. */
function readEngines(registers: Registry[], indexes: () => readonly EngineOf[]): void {
  const read = (name: string, help: string, value: (engine: NonNullable<EngineOf['engine']>) => number): void => {
    const gauge: Gauge<'index'> = new Gauge({
      name: `tributary_provider_engine_${name}`,
      help,
      labelNames: ['index'],
      registers,
      collect() {
        gauge.reset();
        for (const index of indexes()) if (index.engine !== null) gauge.set({ index: index.name }, value(index.engine));
      },
    });
  };
  read('up', '1 while the engine of an index can be used.', ({ state }) => (state === 'ready' ? 1 : 0));
  read('waiting', 'Records that the engine lacks.', ({ waiting }) => waiting);
  read('rows_unknown', 'Rows that it named and that are no records.', ({ faults }) => faults.unknown);
  read('rows_stale', 'Rows of older vectors that it named.', ({ faults }) => faults.stale);
  read('searches_short', 'Searches for which it had too few rows.', ({ faults }) => faults.short);
}

const STATES = ['granted', 'available', 'locked', 'spent', 'charged', 'uncovered', 'reserved'] as const;

function readMoney(registers: Registry[], risk: () => MoneyAtRisk): void {
  const credit: Gauge<'state'> = new Gauge({
    name: 'tributary_provider_credit',
    help: "Money in the ledger's unit; uncovered and reserved are at risk (docs/guides/provider.md).",
    labelNames: ['state'],
    registers,
    collect() {
      const sums = risk();
      for (const state of STATES) credit.set({ state }, Number(sums[state]));
    },
  });
  const plain = (name: string, help: string, read: () => number): void => {
    const gauge: Gauge = new Gauge({ name, help, registers, collect: (): void => gauge.set(read()) });
  };
  plain('tributary_provider_open_channels', 'Channels that pay.', () => risk().openChannels);
  plain('tributary_provider_paid_in_flight', 'Paid questions in progress.', () => risk().inFlight);
  plain('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
}
