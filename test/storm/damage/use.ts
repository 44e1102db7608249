import { askClient, askGateway, call, isDelivered, type Delivered, type Reply } from '../world/calls.ts';
import type { Content } from '../world/content.ts';
import type { Role, World } from '../world/world.ts';
import { isDamageCode, type Verdict } from './judge.ts';
import { keptKey, laterPrice, type States } from './states.ts';
import { pause } from '../world/pause.ts';

/** Longest time until an undamaged network answers. */
const answeredMs = 20_000;
const pauseMs = 200;

/** Asks, pays, writes and reads with a damaged role. Everything is right, or refused as damaged. */
export async function use(world: World, role: Role, { content, kept }: Pick<States, 'content' | 'kept'>): Promise<Verdict> {
  const steps = [
    ...(role === 'client' ? [] : content.keys.map((key) => () => ask(() => askGateway(world, key)))),
    ...(role === 'client' ? [] : [() => ask(() => askGateway(world, content.keys[0], keptKey), kept.node)]),
    ...(role === 'node'
      ? [() => write(world, content)]
      : [() => ask(() => askClient(world)), () => ask(() => askClient(world, { key: keptKey }), kept.client)]),
  ];
  const reasons: string[] = [];
  let refused = false;
  for (const step of steps) {
    const [outcome, reason] = await step();
    refused ||= outcome === 'refused';
    if (outcome === 'broken') reasons.push(reason);
  }
  if (!refused) reasons.push(...(await checkCharges(world, role)));
  if (reasons.length > 0) return { outcome: 'broken', reasons };
  return { outcome: refused ? 'refused in use' : 'right', reasons };
}

type Step = [outcome: 'right' | 'refused' | 'broken', reason: string];

/**
 * Discovery takes a moment, so a question is repeated.
 *
 * @param receipt of the kept answer that it must get; null: of a new one
 */
async function ask(question: () => Promise<Delivered | Reply>, receipt: string | null = null): Promise<Step> {
  const endsAt = performance.now() + answeredMs;
  for (;;) {
    const answer = await question();
    if (isDelivered(answer)) {
      if (receipt !== null && answer.receipt !== receipt)
        return ['broken', `paid again: under its key a question got ${answer.receipt}, not ${receipt}`];
      const right = answer.charge === laterPrice && answer.results.some(({ text }) => text.includes('spring flood'));
      return right ? ['right', ''] : ['broken', `accepted: an answer for ${answer.charge}: ${show(answer.results)}`];
    }
    if (isDamageCode(answer.code)) return ['refused', ''];
    if (performance.now() > endsAt) return ['broken', `stuck: ${answer.status} ${answer.code} ${show(answer.body)}`];
    await pause(pauseMs);
  }
}

async function write(world: World, { keys: [key] }: Content): Promise<Step> {
  const path = '/v1/indexes/notes/records';
  const record = { id: 'after', vector: [1, 2, 3, 4], text: 'written after the damage' };
  const replies = [
    await call(world.url('node'), path, { key, body: { records: [record] } }),
    await call(world.url('node'), `${path}/fetch`, { key, body: { ids: ['after'] } }),
    await call(world.url('node'), `${path}/delete`, { key, body: { ids: ['after'] } }),
  ];
  if (replies.some(({ code }) => isDamageCode(code))) return ['refused', ''];
  const [, fetched] = replies;
  const right = replies.every(({ status }) => status === 200) && JSON.stringify(fetched!.body).includes(record.text);
  return right ? ['right', ''] : ['broken', `write: ${show(replies)}`];
}

interface Channel {
  payer: string;
  charged: string;
}
interface Wallet {
  spent: string;
  writtenOff: string;
}

/** Both sides booked the same. */
async function checkCharges(world: World, role: Role): Promise<string[]> {
  const { channels } = await world.admin<{ channels: Channel[] }>('provider', 'channels');
  const wallets: [payer: string, wallet: Wallet][] = [];
  if (role !== 'client') {
    const gateway = await world.admin<Wallet & { payer: string }>('gateway', 'balance');
    wallets.push([gateway.payer, gateway]);
  }
  if (role !== 'node') {
    const client = (await call(world.url('client'), '/facts')).body as Wallet & { address: string };
    wallets.push([client.address, client]);
  }
  return wallets.flatMap(([payer, { spent, writtenOff }]) => {
    const charged = channels.filter((one) => one.payer === payer).reduce((sum, one) => sum + BigInt(one.charged), 0n);
    const paid = BigInt(spent) + BigInt(writtenOff);
    return charged === paid ? [] : [`books: ${payer} paid ${paid}, and the provider charged ${charged}`];
  });
}

const show = (value: unknown): string => JSON.stringify(value).slice(0, 400);
