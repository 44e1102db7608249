import { readFacts } from '../damage/facts.ts';
import { judgeFacts } from '../damage/judge.ts';
import { askClient, askGateway, call, isDelivered, untilAnswered, type Reply } from '../world/calls.ts';
import type { Content } from '../world/content.ts';
import { startAll, type Role, type World } from '../world/world.ts';
import type { SmallDisk } from './small-disk.ts';

/** How long the provider may take to be found, in milliseconds. */
const foundMs = 30_000;

/**
 * On a file system that is read-only a role starts and states what it stated before, also what only a log has after a
 * kill. Writes and what costs money are refused with one code. Later everything works again.
 */
export async function checkReadOnly(world: World, role: Role, disk: SmallDisk, content: Content): Promise<string[]> {
  await startAll(world, [role]);
  if (role === 'node') await write(world, content, 'late');
  const before = await readFacts(world, role, content);
  await world.kill(role);
  disk.remount('ro');
  const said = await world.start(role);
  if (said !== null) return [`read-only: ${role} did not start: ${said.slice(-400)}`];
  const told = role === 'client' || /read-only/.test(world.running(role)!.said());
  const violations = [
    ...(told ? [] : [`read-only: ${role} does not say so`]),
    ...judgeFacts(await readFacts(world, role, content), before).reasons.map((reason) => `read-only: ${reason}`),
    ...(role === 'node' ? await checkDialects(world, content) : []),
    ...(await checkSale(world, role, content)),
  ];
  const ended = await world.stop(role);
  if (ended?.code !== 0) violations.push(`read-only: ${role} ended with ${JSON.stringify(ended)}`);
  disk.remount('rw');
  await startAll(world, [role]);
  const refusal = await untilAnswered(() => asker(world, role, content)(), foundMs);
  if (refusal !== null) violations.push(`writable again: ${JSON.stringify(refusal)}`);
  return violations;
}

const write = (world: World, { keys: [key] }: Content, id: string): Promise<Reply> =>
  call(world.url('node'), '/v1/indexes/notes/records', { key, body: { records: [{ id, vector: [1, 2, 3, 4], text: id }] } });

/** Each API refuses a write in its own form, with the code that the others have. */
async function checkDialects(world: World, content: Content): Promise<string[]> {
  const [key] = content.keys;
  const url = world.url('node');
  const replies = {
    own: await write(world, content, 'never'),
    pinecone: await call(url, '/indexes', {
      key,
      body: { name: 'never', dimension: 4 },
      more: { 'x-pinecone-api-version': '2025-10' },
    }),
    openai: await call(url, '/v1/vector_stores', { key, body: { name: 'never' } }),
  };
  const right =
    replies.own.code === 'READ_ONLY' && replies.pinecone.code === 'FAILED_PRECONDITION' && replies.openai.code === 'READ_ONLY';
  return right ? [] : [`read-only: writes were refused so: ${JSON.stringify(replies)}`];
}

const asker = (world: World, role: Role, { keys: [key] }: Content) =>
  role === 'node' ? () => askGateway(world, key) : () => askClient(world);

/** A question costs money, which must be written down: it is refused with a code, not answered. */
async function checkSale(world: World, role: Role, content: Content): Promise<string[]> {
  await startAll(world, role === 'provider' ? ['client'] : ['provider']);
  const endsAt = performance.now() + foundMs;
  for (;;) {
    const answer = await asker(world, role, content)();
    if (isDelivered(answer)) return [`read-only: a paid answer on a ${role} that can write nothing down`];
    if (answer.code === 'READ_ONLY') return [];
    if (performance.now() > endsAt) return [`read-only: a question: ${JSON.stringify(answer)}`];
  }
}
