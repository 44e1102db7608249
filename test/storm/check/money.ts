import { askClient, askGateway, call, isDelivered, untilAnswered } from '../world/calls.ts';
import { note } from '../load/questions.ts';
import type { Memory } from '../load/types.ts';
import { price, type World } from '../world/world.ts';

/** Longest time after a restart until an honest question is answered. */
const recoveredMs = 30_000;

/** The next question of each caller is answered. It also settles what the kill left open. */
export async function checkNextQuestion(world: World, memory: Memory): Promise<string[]> {
  const [first, second] = memory.keys;
  const callers = [
    ['the first key', () => askGateway(world, first)],
    ['the second key', () => askGateway(world, second)],
    ['the SDK', () => askClient(world)],
  ] as const;
  const violations: string[] = [];
  for (const [who, ask] of callers) {
    const counted = async () => {
      const answer = await ask();
      memory.tally.asked += 1;
      if (isDelivered(answer)) note(memory, who, answer);
      return answer;
    };
    const refusal = await untilAnswered(counted, recoveredMs);
    if (refusal !== null) violations.push(`stuck: the next question of ${who}: ${JSON.stringify(refusal).slice(0, 400)}`);
  }
  return [...violations, ...(await repeatUnanswered(world, memory))];
}

/** A question that was asked under a key is answered when it is repeated. */
async function repeatUnanswered(world: World, memory: Memory): Promise<string[]> {
  const violations: string[] = [];
  for (const [name, { apiKey }] of memory.unanswered) {
    const counted = async () => {
      const answer = await askGateway(world, apiKey, name);
      memory.tally.asked += 1;
      if (isDelivered(answer)) note(memory, `the repeat of ${name}`, answer);
      return answer;
    };
    const refusal = await untilAnswered(counted, recoveredMs);
    if (refusal !== null) violations.push(`stuck: the repeat of ${name}: ${JSON.stringify(refusal).slice(0, 400)}`);
    memory.unanswered.delete(name);
  }
  return violations;
}

/** Callers take the answers that were paid and that they did not get. @returns what cannot be had */
async function takeRecovered(world: World, memory: Memory): Promise<string[]> {
  const lists = [
    ...memory.keys.map((key) => () => call(world.url('node'), '/v1/recovered', { key })),
    () => call(world.url('client'), '/recovered'),
  ];
  const violations: string[] = [];
  for (const list of lists) {
    const { status, body } = await list();
    if (status !== 200) violations.push(`recovered: ${status} ${JSON.stringify(body)}`);
    else
      for (const { receipt } of (body as { answers: { receipt: string }[] }).answers)
        if (!memory.receipts.has(receipt)) {
          memory.receipts.add(receipt);
          memory.tally.recovered += 1;
        }
  }
  return violations;
}

interface Channel {
  payer: string;
  receipts: number;
  charged: string;
}
interface Wallet {
  payer: string;
  spent: string;
  writtenOff: string;
}

/**
 * Provider and wallets book the same, nothing is charged twice, and every answer that was charged was delivered or
 * recovered.
 *
 * @param before answers that were charged before the storm
 */
export async function checkBooks(world: World, memory: Memory, before: number): Promise<string[]> {
  const violations = await takeRecovered(world, memory);
  const { channels } = await world.admin<{ channels: Channel[] }>('provider', 'channels');
  const gateway = await world.admin<Wallet>('gateway', 'balance');
  const { address, spent, writtenOff } = (await call(world.url('client'), '/facts')).body as Wallet & { address: string };
  let answers = 0;
  for (const [who, payer, paid] of [
    ['gateway', gateway.payer, BigInt(gateway.spent) + BigInt(gateway.writtenOff)],
    ['client', address, BigInt(spent) + BigInt(writtenOff)],
  ] as const) {
    const own = channels.filter((channel) => channel.payer === payer);
    const charged = own.reduce((sum, channel) => sum + BigInt(channel.charged), 0n);
    const receipts = own.reduce((sum, channel) => sum + channel.receipts, 0);
    answers += receipts;
    if (charged !== paid) violations.push(`books: the ${who} paid ${paid}, and the provider charged ${charged}`);
    if (charged !== price * BigInt(receipts)) violations.push(`books: ${receipts} receipts of the ${who} are worth ${charged}`);
  }
  const { asked, answered, recovered } = memory.tally;
  const charged = answers - before;
  if (charged !== answered + recovered)
    violations.push(`delivery: ${charged} answers were charged, ${answered} delivered, ${recovered} recovered`);
  if (charged > asked) violations.push(`twice: ${charged} answers were charged for ${asked} questions`);
  return violations;
}

/** Receipts on all channels of the provider. */
export async function receiptsOf(world: World): Promise<number> {
  const { channels } = await world.admin<{ channels: Channel[] }>('provider', 'channels');
  return channels.reduce((sum, { receipts }) => sum + receipts, 0);
}
