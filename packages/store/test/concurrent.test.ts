import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../src/index.ts';
import {
  DIMENSION,
  OWNER,
  askVerified,
  everything,
  recordOf,
  records,
  requestOf,
  temporaryFolder,
  verifyOutcome,
} from './_helpers.ts';

it('gives every answer from one snapshot while records are replaced and deleted', async () => {
  const store = await openStore({ directory: await temporaryFolder(), owner: OWNER });
  onTestFinished(() => store.close());
  const index = await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model: null });
  await index.upsert(records(300));
  let writing = true;
  const writer = (async () => {
    for (let round = 0; round < 12; round += 1) {
      const changed = Array.from({ length: 100 }, (_, at) =>
        recordOf(`r${(round * 37 + at) % 300}`, { text: `rivers, round ${round}` }),
      );
      await index.upsert(changed);
      await index.delete({ ids: [`r${(round * 11) % 300}`, `r${(round * 13 + 5) % 300}`] });
    }
    writing = false;
  })();
  const request = requestOf(index.info().id, { topK: 20 });
  const outcomes = [];
  while (writing)
    outcomes.push(...(await Promise.all(Array.from({ length: 4 }, () => index.answer({ parsed: request }, everything)))));
  await writer;
  expect(new Set(outcomes.map(({ snapshot }) => snapshot)).size).toBeGreaterThan(5);
  const some = outcomes.filter((_, at) => at % Math.ceil(outcomes.length / 60) === 0);
  for (const outcome of some) await verifyOutcome(index, request, outcome);
  // What was answered before later writes can be built again, or is gone as a whole.
  for (const outcome of some) {
    const again = await index.rebuild({ ...outcome, request: Buffer.from(JSON.stringify(request)) });
    if (again.status !== 'gone') expect(Buffer.from(again.body).equals(Buffer.from(outcome.body))).toBe(true);
    await verifyOutcome(index, request, again);
  }
  await askVerified(index);
  expect(await index.check()).toMatchObject({ ok: true, findings: [] });
});

it('gives every answer from one snapshot while the index grows', async () => {
  const store = await openStore({ directory: await temporaryFolder(), owner: OWNER });
  onTestFinished(() => store.close());
  const index = await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model: null });
  await index.upsert(records(3));
  let writing = true;
  const writer = (async () => {
    for (let round = 0; round < 25; round += 1) await index.upsert([recordOf(`new-${round}`), recordOf(`more-${round}`)]);
    writing = false;
  })();
  const request = requestOf(index.info().id, { topK: 3 });
  const outcomes = [];
  while (writing)
    outcomes.push(...(await Promise.all(Array.from({ length: 4 }, () => index.answer({ parsed: request }, everything)))));
  await writer;
  expect(new Set(outcomes.map(({ snapshot }) => snapshot)).size).toBeGreaterThan(5);
  const some = outcomes.filter((_, at) => at % Math.ceil(outcomes.length / 150) === 0);
  for (const outcome of some) await verifyOutcome(index, request, outcome);
});
