import { describe, expect, it } from 'vitest';
import { ClientError } from '../errors.ts';
import { askAll } from './ask-all.ts';
import type { Prepared, Verified } from './types.ts';

const prepared = ['a', 'b', 'c'].map((index) => ({ known: { offer: { index } } }) as Prepared);
const answer = {} as Verified;
const failing = (error: unknown, of: string[]) => async (one: Prepared) => {
  if (of.includes(one.known.offer.index)) throw error;
  return answer;
};
const closed = new ClientError('LINK_CLOSED', 'the link broke');

describe('asking several indexes', () => {
  it('names each one that failed beside the answers of the others', async () => {
    expect(await askAll(prepared, failing(closed, ['b']))).toEqual({
      verified: [answer, answer],
      failed: [{ index: 'b', code: 'LINK_CLOSED', message: 'the link broke' }],
    });
    expect((await askAll(prepared, failing(closed, []))).failed).toEqual([]);
  });

  it('fails with the first failure when none answered, and with a fault of this program always', async () => {
    await expect(askAll(prepared, failing(closed, ['a', 'b', 'c']))).rejects.toBe(closed);
    const fault = new TypeError('a fault');
    await expect(askAll(prepared, failing(fault, ['c']))).rejects.toBe(fault);
  });
});
