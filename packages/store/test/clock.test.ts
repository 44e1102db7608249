// An index whose machine's clock is set: answers stay for their time, and a snapshot that was made while the clock was
// ahead is published anew, because nobody accepts an answer from it.
import { expect, it } from 'vitest';
import { answerKeepMs, datedAheadMsMax } from '../src/limits.ts';
import { openDatabase } from '../src/disk/database.ts';
import { openStore } from '../src/store.ts';
import { DIMENSION, everything, idsIn, OWNER, recordOf, records, requestOf, temporaryFolder, verifyOutcome } from './_helpers.ts';
import { makeService, put, reopen, SETTINGS, TIME, write } from './_service.ts';

const DAY_MS = 86_400_000;

it('an answer can be given again for ten minutes in which the index is open, wherever the clock is', async () => {
  const folder = await temporaryFolder();
  let elapsedMs = 0;
  const clock = { elapsedMs: () => elapsedMs };
  let service = await makeService(folder, clock);
  await write(service, put('a', 'b', 'c'));
  const parsed = requestOf(SETTINGS.id, { topK: 1 });
  const first = await service.call('answer', { parsed, options: everything, queryVector: null });
  const journal = { ...first, request: Buffer.from(JSON.stringify(parsed)) };
  const again = async () => (await service.call('rebuild', journal)).status;
  let made = 0;
  const change = (time: number) => write(service, put(`other ${(made += 1)}`), time);
  for (const aheadMs of [2 * DAY_MS, 0, -9 * DAY_MS, 40 * DAY_MS]) {
    elapsedMs += 60_000;
    await change(TIME + aheadMs);
    expect(await again()).toBe('ok');
    await service.call('close', null);
    service = await reopen(folder, clock);
    expect(await again()).toBe('ok');
  }
  elapsedMs += answerKeepMs;
  await change(TIME);
  await change(TIME);
  expect(await again()).toBe('gone');
  await service.call('close', null);
});

it('a snapshot that cannot be published anew is refused, and the index stays open', async () => {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  await write(service, put('a'));
  await service.call('close', null);
  const readOnly: typeof openDatabase = async (...asked) => ({ ...(await openDatabase(...asked)), readOnly: true });
  const reading = await reopen(folder, { openDatabase: readOnly });
  const { state } = reading;
  await expect(reading.call('redate', TIME)).rejects.toMatchObject({ code: 'READ_ONLY' });
  expect(reading.state).toBe(state);
  await reading.call('close', null).catch(() => undefined);
});

it('a snapshot from a day to come is published anew before it is answered from, once, and after a restart, too', async () => {
  const directory = await temporaryFolder();
  let time = TIME;
  const open = () => openStore({ directory, owner: OWNER, now: () => time });
  let store = await open();
  const made = await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model: null });
  time += 13 * 3_600_000;
  await made.upsert(records(5));
  const before = made.info();
  time = TIME;
  await store.close();
  store = await open();
  const index = store.index('rivers');
  const parsed = requestOf(index.info().id);
  const answers = await Promise.all(Array.from({ length: 4 }, () => index.answer({ parsed }, everything)));
  expect(index.info()).toMatchObject({ snapshot: before.snapshot + 1, sequence: before.sequence, dated: TIME, records: 5 });
  for (const answer of answers) {
    expect(answer).toMatchObject({ snapshot: before.snapshot + 1, status: 'ok' });
    const { snapshot } = await verifyOutcome(index, parsed, answer);
    expect(snapshot.manifest).toMatchObject({ time: TIME, previous: before.manifestHash, live: 5 });
  }
  time -= datedAheadMsMax; // within what verifiers allow
  expect(idsIn(await index.answer({ parsed }, everything))).toHaveLength(5);
  expect(index.info().snapshot).toBe(before.snapshot + 1);
  await index.upsert([recordOf('later')]);
  expect(await index.check()).toMatchObject({ ok: true });
  await store.close();
  store = await open();
  expect(store.index('rivers').info()).toMatchObject({ snapshot: before.snapshot + 2, records: 6 });
  await store.close();
});
