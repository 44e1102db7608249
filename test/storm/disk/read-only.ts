import { askClient, call, isDelivered } from '../world/calls.ts';
import type { Content } from '../world/content.ts';
import { startAll, type Role, type World } from '../world/world.ts';
import type { SmallDisk } from './small-disk.ts';

/** Codes with which a write is refused on a read-only file system. */
const REFUSED: ReadonlySet<string> = new Set(['DISK_WRITE', 'LEDGER_WRITE', 'WALLET_WRITE']);

/** On a read-only file system reads are served and writes refused; later everything works again. */
export async function checkReadOnly(world: World, role: Role, disk: SmallDisk, content: Content): Promise<string[]> {
  disk.remount('ro');
  const said = await world.start(role);
  const violations = said === null ? await checkRole(world, role, content) : judgeStart(role, said);
  await world.stop(role);
  disk.remount('rw');
  await startAll(world);
  return violations;
}

/** A role that cannot work without writing says so. Only the node has reads to serve without writing. */
function judgeStart(role: Role, said: string): string[] {
  const code = /\(([A-Z_]+)\)\s*$/m.exec(said)?.[1] ?? 'no code';
  if (role !== 'node' && REFUSED.has(code)) return [];
  return [`read-only: ${role} did not start: ${code}: ${said.slice(-300)}`];
}

async function checkRole(world: World, role: Role, { keys: [key] }: Content): Promise<string[]> {
  if (role !== 'node') return checkSale(world, role);
  const url = world.url('node');
  const path = '/v1/indexes/notes/records';
  const fetched = await call(url, `${path}/fetch`, { key, body: { ids: ['base-1'] } });
  const asked = await call(url, '/v1/query', { key, body: { index: 'notes', query: 'willows', mode: 'bm25' } });
  const written = await call(url, path, { key, body: { records: [{ id: 'x', vector: [1, 2, 3, 4] }] } });
  return [
    ...[fetched, asked].filter(({ status }) => status !== 200).map((reply) => `read-only: a read: ${JSON.stringify(reply)}`),
    ...(written.code !== null && REFUSED.has(written.code) ? [] : [`read-only: a write: ${JSON.stringify(written)}`]),
  ];
}

/** A question costs money, which must be written down: it is refused with a code, not answered. */
async function checkSale(world: World, role: Role): Promise<string[]> {
  await startAll(world, role === 'provider' ? ['client'] : ['provider']);
  const answer = await askClient(world);
  if (isDelivered(answer)) return [`read-only: a paid answer on a ${role} that can write nothing down`];
  return answer.code !== null && REFUSED.has(answer.code) ? [] : [`read-only: a question: ${JSON.stringify(answer)}`];
}
