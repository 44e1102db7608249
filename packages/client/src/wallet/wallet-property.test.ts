// Random runs of a wallet with an honest provider: concurrent questions whose answers arrive, arrive late, are lost or
// refused; callers that hang up; calls and writes that fail; restarts and power cuts. Credits add up, caps hold, and
// afterwards the next question is paid.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TributaryError } from '@tributary/schemas';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { faultyDatabase, type FaultyDatabase } from './database.suite.ts';
import { openLocalWallet } from './local-wallet.ts';
import { keyOf, openShop, type Shop } from './provider.suite.ts';
import { origin } from './payer.suite.ts';
import type { Again, LostPayment, Payment, ProviderLedger, Wallet } from './wallet.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const PER_DAY = 120n;
const MOST = 10n;
const runs = Number(process.env['WALLET_RUNS'] ?? 120);

type Fate = 'answered' | 'late' | 'lost' | 'uncharged' | 'refused';
interface Asked {
  fate: Fate;
  charge: bigint;
  /** Turns of the event loop before each step. */
  pauses: number[];
  hangsUp: boolean;
}
type Step =
  | { do: 'ask'; all: Asked[] }
  | { do: 'call fails'; method: keyof ProviderLedger; when: 'before' | 'after' }
  | { do: 'write fails'; after: number; how: 'lost' | 'kept' }
  | { do: 'restart'; powerCut: boolean }
  | { do: 'wait'; ms: number }
  | { do: 'close' };

const asked: fc.Arbitrary<Asked> = fc.record({
  fate: fc.constantFrom<Fate>('answered', 'answered', 'late', 'lost', 'uncharged', 'refused'),
  charge: fc.bigInt({ min: 0n, max: MOST }),
  pauses: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
  hangsUp: fc.boolean(),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<fc.WeightedArbitrary<Step>[]>(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('ask' as const), all: fc.array(asked, { minLength: 1, maxLength: 4 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('call fails' as const),
        method: fc.constantFrom<keyof ProviderLedger>('credit', 'open', 'read', 'close'),
        when: fc.constantFrom<'before' | 'after'>('before', 'after'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('write fails' as const),
        after: fc.nat(3),
        how: fc.constantFrom<'lost' | 'kept'>('lost', 'kept'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), powerCut: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 12 * MINUTE_MS, DAY_MS) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  ),
  { maxLength: 14 },
);

/** One payer and its provider, on a clock that moves when nothing else does. */
class Life {
  now = 1_790_000_000_000;
  readonly disk: FaultyDatabase = faultyDatabase();
  readonly shop: Shop;
  wallet!: Wallet;
  /** Answers in transit: functions that deliver each of them to the wallet. */
  readonly late: (() => Promise<void>)[] = [];
  readonly days = new Set<number>();
  private readonly fails: { method: string; when: string }[] = [];
  private readonly timers = new Set<{ at: number; run: () => void }>();
  private salts = 0;

  constructor() {
    this.shop = openShop({
      credit: 100_000n,
      maxInFlight: 3,
      fault: (method, when) => {
        const at = this.fails.findIndex((one) => one.method === method && one.when === when);
        if (at >= 0) throw new TributaryError('LINK_CLOSED', `${this.fails.splice(at, 1)[0]!.method} failed`);
      },
    });
  }

  async open(): Promise<void> {
    this.wallet = await openLocalWallet({
      directory: 'memory',
      privateKey: keyOf(3),
      caps: { perCall: MOST, perDay: PER_DAY, deposit: 200n },
      now: () => this.now,
      randomBytes: (length) => Uint8Array.from({ length }, (_, at) => (at < 4 ? (this.salts += 1) >> (8 * at) : this.salts)),
      openDatabase: this.disk.open,
      clock: {
        after: (ms, run) => {
          if (ms === 0) {
            const turn = setImmediate(run);
            return () => clearImmediate(turn);
          }
          const timer = { at: this.now + ms, run };
          this.timers.add(timer);
          return () => this.timers.delete(timer);
        },
      },
    });
  }

  /** Runs all, and advances time when they wait for it. */
  async settled(work: Promise<unknown>[]): Promise<void> {
    let done = false;
    void Promise.allSettled(work).then(() => (done = true));
    while (!done) {
      for (let turn = 0; turn < 12 && !done; turn += 1) await nextTurn();
      const [next] = [...this.timers].toSorted((a, b) => a.at - b.at);
      if (done || !next) continue;
      this.timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
  }

  async step(step: Step): Promise<void> {
    this.days.add(Math.floor(this.now / DAY_MS));
    if (step.do === 'ask') await this.settled(step.all.map((one) => this.ask(one)));
    if (step.do === 'call fails') this.fails.push(step);
    if (step.do === 'write fails') this.disk.next = [...Array.from({ length: step.after }, () => 'ok' as const), step.how];
    if (step.do === 'wait') this.now += step.ms;
    if (step.do === 'close') await this.close();
    if (step.do === 'restart') {
      await this.wallet.close().catch(() => undefined);
      this.late.length = 0; // whoever waited ended with the process
      if (step.powerCut) this.disk.powerCut();
      await this.open();
    }
    this.days.add(Math.floor(this.now / DAY_MS));
  }

  private async close(): Promise<void> {
    for (const { channels, receiptSigner } of (await this.wallet.totals()).providers)
      for (const id of channels) await this.wallet.closeChannel(id, receiptSigner, this.shop.ledger).catch(allowed);
  }

  /** The query of the client without a link: the same steps and the same single retry. */
  async ask({ fate, charge, pauses, hangsUp }: Asked): Promise<boolean> {
    const { shop } = this;
    const wallet = this.wallet;
    const again = async ({ payment }: LostPayment): Promise<Again> => {
      if (shop.admit(payment) !== null) return 'over';
      await shop.acknowledge(wallet, payment, shop.charge(payment, charge));
      return 'answered';
    };
    const gaveUp = new AbortController();
    for (let before: Payment | null = null; ;) {
      try {
        await pause(pauses[0]!);
        await wallet.resync(shop.payee, shop.ledger, again);
        const request = shop.request(MOST, { deadline: this.now + MINUTE_MS, origin, before });
        if (hangsUp && fate !== 'answered') setImmediate(() => gaveUp.abort());
        const payment: Payment = await wallet.reserve(request, shop.ledger, gaveUp.signal);
        if (fate === 'uncharged') return (wallet.doubt(payment, false), false);
        await pause(pauses[1]!);
        const refused: string | null = fate === 'refused' ? 'RATE_LIMITED' : shop.admit(payment);
        if (refused === null) return await this.answer(wallet, payment, { fate, charge, pauses });
        await wallet.release(payment);
        wallet.doubt(payment, refused !== 'RATE_LIMITED');
        if (before || refused === 'RATE_LIMITED') return false;
        before = payment;
      } catch (error) {
        allowed(error);
        return false;
      }
    }
  }

  private async answer(wallet: Wallet, payment: Payment, { fate, charge, pauses }: Pick<Asked, 'fate' | 'charge' | 'pauses'>) {
    const receipt = this.shop.charge(payment, charge);
    await pause(pauses[2]!);
    const bring = () => this.shop.acknowledge(wallet, payment, receipt);
    if (fate === 'lost') wallet.doubt(payment, false);
    else if (fate === 'late') this.late.push(bring);
    else await bring();
    return fate === 'answered';
  }

  /** Ends all faults: what is in transit arrives or is dropped, and an honest question is asked. */
  async end(): Promise<boolean> {
    this.fails.length = 0;
    this.disk.next = [];
    this.now += 2 * DAY_MS;
    this.days.add(Math.floor(this.now / DAY_MS));
    await this.settled(this.late.splice(0).map((bring) => bring()));
    let paid = false;
    const honest: Asked = { fate: 'answered', charge: 5n, pauses: [0, 0, 0], hangsUp: false };
    await this.settled([this.ask(honest).then((answered) => (paid = answered))]);
    return paid;
  }
}

const pause = async (turns: number): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
};
/** Errors that a caller may get while things fail. Any other is a fault of the wallet. */
function allowed(error: unknown): void {
  const codes = ['LINK_CLOSED', 'WALLET_WRITE', 'SPEND_CAP', 'ABORTED', 'ASK_TIMEOUT', 'CHANNEL_BUSY', 'IN_FLIGHT_CAP'];
  expect(codes).toContain((error as { code?: string }).code ?? error);
}
const sum = (amounts: bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

it('stays consistent, keeps its caps and pays the next question, whatever failed before', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const life = new Life();
      await life.open();
      for (const step of all) {
        await life.step(step);
        const { signedToday, spentToday, couldLose, spent, writtenOff } = await life.wallet.totals();
        expect(signedToday).toBeLessThanOrEqual(PER_DAY);
        const claims = sum([...life.shop.channels.values()].map(({ best, charged }) => (best > charged ? best : charged)));
        expect(claims).toBeLessThanOrEqual(PER_DAY * BigInt(life.days.size));
        expect(spent + writtenOff + couldLose).toBeLessThanOrEqual(PER_DAY * BigInt(life.days.size));
        expect(spentToday).toBeGreaterThanOrEqual(0n);
      }
      expect(await life.end()).toBe(true);
      const { spent, writtenOff, providers, granted, locked } = await life.wallet.totals();
      const charged = sum([...life.shop.channels.values()].map((channel) => channel.charged));
      expect(providers[0]!.lost.count).toBe(0); // an honest provider's channel is never given up
      expect(spent + writtenOff).toBe(charged);
      expect(locked).toBeLessThanOrEqual(granted);
    }),
    { numRuns: runs },
  );
});
