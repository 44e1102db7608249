import { expect, it } from 'vitest';
import { silentLog } from './testing/silent-log.ts';
import { openParts, type Parts } from './parts.ts';

/** Opens parts of these names. Each writes its name when it is closed. */
async function openAll(parts: Parts, names: string[], closed: string[]): Promise<object> {
  for (const name of names) {
    const close = async () => {
      closed.push(name);
      if (name === 'broken') throw new Error('does not close');
    };
    await parts.open(name, Promise.resolve({ close }));
  }
  return { names };
}

it('closes parts in reverse, once, and goes on after one that does not close', async () => {
  const closed: string[] = [];
  const failed: unknown[] = [];
  const log = { ...silentLog, error: (event: string, fields?: object) => failed.push({ event, ...fields }) };
  const node = await openParts(log, (parts) => openAll(parts, ['store', 'broken', 'http'], closed));
  expect(node).toMatchObject({ names: ['store', 'broken', 'http'] });
  await node.close();
  await node.close();
  expect(closed).toEqual(['http', 'broken', 'store']);
  expect(failed).toMatchObject([{ event: 'close-failed', part: 'broken' }]);
});

it('closes what is open when a later part fails, and passes the error on', async () => {
  const closed: string[] = [];
  const opening = openParts(silentLog, async (parts) => {
    await openAll(parts, ['store', 'ledger'], closed);
    return parts.open('http', Promise.reject(new Error('port in use')));
  });
  await expect(opening).rejects.toThrow('port in use');
  expect(closed).toEqual(['ledger', 'store']);
});
