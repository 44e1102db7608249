import type { CallContext, LinkHandlers } from '@tributary/client';
import { answerKeepMs } from '@tributary/store';
import { expect, it } from 'vitest';
import type { AskOutcome } from '../serve/types.ts';
import { providerHandlers, type ProviderHandlers } from './handlers.ts';

const ID = `docs@${'a'.repeat(32)}`;

/** A provider of one private index; asks are answered, or refused. */
function setUp() {
  const time = { now: 1_000 };
  const state = { refuses: false };
  const handlers = providerHandlers({
    serve: {
      ask: async (_head, _body, context) => {
        if (state.refuses) return { refusal: { code: 'RATE_LIMITED', message: '', retryAfterMs: null } };
        context.answered?.(ID);
        return {} as AskOutcome;
      },
    } as ProviderHandlers['serve'],
    directory: {} as ProviderHandlers['directory'],
    own: () => null,
    visibleIndex: (id, mayRead) =>
      id === ID && mayRead
        ? ({ consistency: async () => ['proof'] } as unknown as ReturnType<ProviderHandlers['visibleIndex']>)
        : null,
    isOwner: () => false,
    now: () => time.now,
    fault: () => undefined,
  });
  const ask = (peer: string) =>
    handlers.ask({ peer, head: {}, body: new Uint8Array() } as unknown as Parameters<LinkHandlers['ask']>[0]);
  const read = (peer: string, index = ID) =>
    handlers.call('consistency', { index, first: 1, second: 2 }, { peer } as CallContext);
  return { ask, read, state, time };
}

it('lets a peer that was answered read the proofs of a withdrawn index, for as long as answers are kept', async () => {
  const { ask, read, time } = setUp();
  await ask('alice');
  expect(await read('alice')).toEqual({ hashes: ['proof'] });
  time.now += answerKeepMs - 1;
  expect(await read('alice')).toEqual({ hashes: ['proof'] });
  time.now += 1;
  await expect(read('alice')).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
});

it('lets nobody else read them', async () => {
  const { ask, read, state } = setUp();
  await ask('alice');
  state.refuses = true;
  await ask('mallory');
  await expect(read('mallory')).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
  await expect(read('alice', `other@${'a'.repeat(32)}`)).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
});
