import { describe, expect, it } from 'vitest';
import { createProviderMetrics } from './provider-metrics.ts';

const risk = { granted: 500n, available: 100n, locked: 300n, spent: 100n, charged: 80n, uncovered: 7n, reserved: 5n };

describe('metrics of a provider', () => {
  it('show answers, charges, results shown, refusals by code, and money at risk', async () => {
    const metrics = createProviderMetrics(
      () => ({ ...risk, inFlight: 2, openChannels: 3 }),
      () => [
        { name: 'here', engine: null },
        { name: 'there', engine: { state: 'down', waiting: 12, why: 'x', faults: { unknown: 2, stale: 3, short: 1 } } },
      ],
      true,
    );
    const answer = { kind: 'answer', index: 'docs@1', status: 'ok', to: 'paid', again: false } as const;
    metrics.observe({ ...answer, charge: 30n, shown: 4, texts: 0 });
    metrics.observe({ ...answer, charge: 12n, shown: 1, texts: 0 });
    metrics.observe({ ...answer, charge: 0n, shown: 0, texts: 0, again: true });
    metrics.observe({ ...answer, index: 'embedding:1', charge: 2n, shown: 0, texts: 6 });
    metrics.observe({ kind: 'refusal', code: 'EXPOSURE_CAP' });
    const text = await metrics.text();
    for (const line of [
      'tributary_provider_answers_total{index="docs@1",status="ok",again="false"} 2',
      'tributary_provider_answers_total{index="docs@1",status="ok",again="true"} 1',
      'tributary_provider_charged_total{index="docs@1"} 42',
      'tributary_provider_records_shown_total{index="docs@1",to="paid"} 5',
      'tributary_provider_texts_embedded_total{model="embedding:1",to="paid"} 6',
      'tributary_provider_refusals_total{code="EXPOSURE_CAP"} 1',
      'tributary_provider_credit{state="uncovered"} 7',
      'tributary_provider_credit{state="reserved"} 5',
      'tributary_provider_open_channels 3',
      'tributary_read_only 1',
      'tributary_provider_engine_up{index="there"} 0',
      'tributary_provider_engine_waiting{index="there"} 12',
      'tributary_provider_engine_rows_unknown{index="there"} 2',
      'tributary_provider_engine_rows_stale{index="there"} 3',
      'tributary_provider_engine_searches_short{index="there"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toContain('index="here"');
    expect(metrics.contentType).toContain('text/plain');
  });
});
