// One answer for each key: kept, waited for, or asked for once.
import { TributaryError } from '@tributary/schemas';
import { beforeEach, expect, it, vi } from 'vitest';
import { openKeptStore } from '../../kept/kept-store.ts';
import { toQuestionKey } from '../../kept/question-key.ts';
import { memoryRows } from '../../testing/memory-rows.ts';
import { sampleBundle, sampleReceipt } from '../../testing/samples.ts';
import { once, type Line } from './once.ts';
import type { Bought, QueryContext } from '../types.ts';

const keyOf = (name: string, text = 'a') => toQuestionKey(name, 'question', { text });
const hashOf = (number: number) => number.toString(16).padStart(64, '0');
let disk = memoryRows();
let context: QueryContext;
let asked = 0;
beforeEach(async () => {
  disk = memoryRows();
  asked = 0;
  await reopen();
});

/** The next process. */
async function reopen() {
  const store = await openKeptStore({ directory: 'none', now: () => 1, open: async () => disk });
  const { kept } = { kept: store.of(null) };
  context = { kept, wallet: null } as QueryContext;
}

/** Answers with the number of times that it was asked. */
function line(wait: Promise<unknown> = Promise.resolve()): Line<string> {
  return {
    async ask() {
      asked += 1;
      const result = `answer ${asked}`;
      const bundle = { ...sampleBundle(), response: result };
      const known = { offer: { unit: 'credit' } };
      const receipt = { ...sampleReceipt, charge: '7' };
      const bought = {
        prepared: { sale: 'rivers', known },
        answered: { receipt, payment: null },
        answer: { receiptHash: hashOf(asked) },
      };
      await wait;
      return { result, bought: [{ ...bought, bundle: () => bundle } as unknown as Bought] };
    },
    again: (proofs) => `kept ${proofs.map(({ response }) => response).join()}`,
  };
}
const refusing = (code: 'RATE_LIMITED' | 'ABORTED', wait: Promise<unknown> = Promise.resolve()): Line<string> => ({
  ...line(),
  async ask() {
    asked += 1;
    await wait;
    throw new TributaryError(code, 'planted');
  },
});

it('asks each time without a key, and keeps nothing', async () => {
  expect([await once(null, context, {}, line()), await once(null, context, {}, line())]).toEqual(['answer 1', 'answer 2']);
  expect(context.kept!.recovered()).toEqual([]);
});

it('asks once under a key; repeats get the kept answer, also in the next process', async () => {
  expect(await once(keyOf('k'), context, {}, line())).toBe('answer 1');
  expect(await once(keyOf('k'), context, {}, line())).toBe('kept answer 1');
  await reopen();
  expect(await once(keyOf('k'), context, {}, line())).toBe('kept answer 1');
  expect(asked).toBe(1);
  expect(context.kept!.recovered()).toEqual([]); // it was handed out
});

it('hands the answer out only when it is on disk', async () => {
  let written = (): void => undefined;
  const write = vi.spyOn(disk, 'batch').mockReturnValue(new Promise((resolve) => (written = resolve)));
  let got = false;
  const answer = once(keyOf('k'), context, {}, line()).then(() => (got = true));
  await vi.waitFor(() => expect(write).toHaveBeenCalledOnce());
  expect(got).toBe(false);
  written();
  await answer;
});

it('refuses another question under the same key, answered or at work', async () => {
  let let1 = (): void => undefined;
  const first = once(keyOf('k'), context, {}, line(new Promise<void>((resolve) => (let1 = resolve))));
  await expect(once(keyOf('k', 'b'), context, {}, line())).rejects.toMatchObject({ code: 'KEY_CONFLICT' });
  let1();
  await first;
  await expect(once(keyOf('k', 'b'), context, {}, line())).rejects.toMatchObject({ code: 'KEY_CONFLICT' });
  expect(await once(keyOf('other', 'b'), context, {}, line())).toBe('answer 2');
});

it('lets repeats wait for the first, and gives all of them its answer', async () => {
  let finish = (): void => undefined;
  const first = once(keyOf('k'), context, {}, line(new Promise<void>((resolve) => (finish = resolve))));
  const repeats = Array.from({ length: 8 }, () => once(keyOf('k'), context, {}, line()));
  finish();
  expect(await first).toBe('answer 1');
  expect(new Set(await Promise.all(repeats))).toEqual(new Set(['kept answer 1']));
  expect(asked).toBe(1);
});

it('gives repeats the refusal of the first, and asks again later', async () => {
  let finish = (): void => undefined;
  const first = once(keyOf('k'), context, {}, refusing('RATE_LIMITED', new Promise<void>((resolve) => (finish = resolve))));
  const repeat = once(keyOf('k'), context, {}, line());
  finish();
  for (const one of [first, repeat]) await expect(one).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(await once(keyOf('k'), context, {}, line())).toBe('answer 2');
});

it('goes on in a repeat when the caller of the first hung up', async () => {
  let finish = (): void => undefined;
  const first = once(keyOf('k'), context, {}, refusing('ABORTED', new Promise<void>((resolve) => (finish = resolve))));
  const repeats = [once(keyOf('k'), context, {}, line()), once(keyOf('k'), context, {}, line())];
  finish();
  await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
  expect((await Promise.all(repeats)).toSorted()).toEqual(['answer 2', 'kept answer 2']);
});

it('lets a repeat hang up by itself', async () => {
  let finish = (): void => undefined;
  const first = once(keyOf('k'), context, {}, line(new Promise<void>((resolve) => (finish = resolve))));
  const hangUp = new AbortController();
  const repeat = once(keyOf('k'), context, { signal: hangUp.signal }, line());
  hangUp.abort();
  await expect(repeat).rejects.toMatchObject({ code: 'ABORTED' });
  finish();
  expect(await first).toBe('answer 1');
});

it('refuses an answer that cannot be kept', async () => {
  vi.spyOn(disk, 'batch').mockRejectedValueOnce(new Error('no space'));
  await expect(once(keyOf('k'), context, {}, line())).rejects.toMatchObject({ code: 'WALLET_WRITE' });
  expect(context.kept!.atWork.size).toBe(0);
});
