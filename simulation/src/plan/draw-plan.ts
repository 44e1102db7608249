import { liarClients, liarProviders } from './liars.ts';
import type { ClientPlan, Fault, Plan, ProviderPlan, Step } from './types.ts';
import { createRandom, type Random } from '../random.ts';
import { questions } from '../fixtures.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Longest span of the questions in a run. Answers are kept for ten minutes, offers for an hour. */
const spanMs = 4 * hour;

/** Longest span of a brief run: answers are still kept when it ends, so that each one must reach who paid for it. */
const briefMs = 90_000;

/**
 * Draws one run: the nodes, what they do, and what goes wrong. A quarter of the runs are brief: everything happens
 * within a minute and a half, and the only faults are those between a charge and its answer.
 */
export function drawPlan(seed: number): Plan {
  const plan = drawLongPlan(seed);
  const random = createRandom(`answers ${seed}`);
  const brief = random.chance(0.25);
  const faults = drawAnswerFaults(random, plan.providers.length, brief);
  if (!brief) return { ...plan, faults: [...plan.faults, ...faults] };
  const share = Math.min(1, briefMs / Math.max(1, plan.steps.at(-1)!.at));
  return { ...plan, faults, steps: plan.steps.map((step) => ({ ...step, at: Math.floor(step.at * share) })) };
}

/**
 * A run over virtual hours, without the faults between a charge and its answer.
 *
 * @internal exported for the tests
 */
export function drawLongPlan(seed: number): Plan {
  const random = createRandom(`plan ${seed}`);
  const providers = Array.from({ length: random.between(1, 3) }, (_, at) => drawProvider(random.fork(`p${at}`), at));
  // Twice, because a price may double.
  const dearest = providers.map((one) => quoteMax(one)).reduce((a, b) => (a > b ? a : b)) * 2n;
  const usual = providers.map((one) => quoteMax(one, questions[0]!.topK)).reduce((a, b) => (a > b ? a : b));
  const clients = Array.from({ length: random.between(1, 2) }, (_, at) =>
    drawClient(random.fork(`b${at}`), at, { dearest, usual }),
  );
  const steps = drawSteps(random.fork('steps'), providers.length, clients.length);
  const end = steps.at(-1)!.at;
  return { seed, providers, clients, steps, faults: drawFaults(random.fork('faults'), providers.length, clients.length, end) };
}

/** The most that one of the questions can cost. */
export function quoteMax({ price }: Pick<ProviderPlan, 'price'>, topK = Math.max(...questions.map((one) => one.topK))): bigint {
  const results = BigInt(topK);
  const full = BigInt(price.base) + results * BigInt(price.perResult) + 2n * results * BigInt(price.perKiB);
  const empty = BigInt(price.empty);
  return full > empty ? full : empty;
}

/** The first is honest, so that every run has a provider with which the next question must succeed. */
function drawProvider(random: Random, at: number): ProviderPlan {
  const lean = random.chance(0.2);
  const price = {
    base: String(random.between(lean ? 1 : 5, 60)),
    perResult: String(lean ? 0 : random.int(10)),
    perKiB: String(lean ? 0 : random.int(5)),
    empty: String(random.chance(0.3) ? random.int(4) : 0),
  };
  return {
    price,
    credit: random.chance(0.25) ? String(random.between(1, 120)) : '0',
    maxInFlight: random.between(1, 8),
    grant: quoteMax({ price }) * BigInt(random.between(60, 1_000)),
    exposurePerChannel: null,
    lie: at > 0 && random.chance(0.5) ? random.pick(liarProviders) : null,
  };
}

/** The caps allow the question that checks liveness; other questions may exceed them. */
function drawClient(random: Random, at: number, { dearest, usual }: { dearest: bigint; usual: bigint }): ClientPlan {
  return {
    perCall: random.chance(0.3) ? usual : null,
    perDay: random.chance(0.5) ? dearest * BigInt(random.between(2, 30)) : null,
    deposit: dearest * BigInt(random.between(2, 60)),
    lie: at > 0 && random.chance(0.6) ? random.pick(liarClients) : null,
  };
}

function drawSteps(random: Random, providers: number, clients: number): Step[] {
  const count = random.between(3, 12);
  const steps: Step[] = [];
  let at = 0;
  for (let made = 0; made < count; made += 1) {
    at += random.chance(0.7) ? random.int(20_000) : random.int(spanMs / count);
    const provider = random.int(providers);
    steps.push(
      random.chance(0.8)
        ? drawAsk(random, at, provider, random.int(clients))
        : drawOther(random, at, provider, providers, clients),
    );
  }
  return steps;
}

function drawAsk(random: Random, at: number, provider: number, client: number): Step {
  return {
    at,
    kind: 'ask',
    client,
    provider,
    question: random.int(questions.length),
    count: random.chance(0.3) ? random.between(2, 5) : 1,
    patienceMs: random.chance(0.15) ? random.int(2_000) : null,
    meet: random.chance(0.3),
  };
}

function drawOther(random: Random, at: number, provider: number, providers: number, clients: number): Step {
  const kind = random.pick(['grow', 'withdraw', 'publish', 'reprice', 'prune', 'restart'] as const);
  if (kind !== 'restart') return { at, kind, provider };
  return { at, kind, node: nameOf(random, providers, clients), downMs: random.int(30_000) };
}

function nameOf(random: Random, providers: number, clients: number): string {
  return random.chance(0.5) ? `p${random.int(providers)}` : `b${random.int(clients)}`;
}

function drawFaults(random: Random, providers: number, clients: number, end: number): Fault[] {
  const count = random.chance(0.1) ? 0 : random.between(1, 7);
  return Array.from({ length: count }, () => drawFault(random, providers, clients, end));
}

function drawFault(random: Random, providers: number, clients: number, end: number): Fault {
  const [p, b] = [`p${random.int(providers)}`, `b${random.int(clients)}`];
  const direction = random.chance(0.5) ? { from: p, to: b } : { from: b, to: p };
  const node = random.chance(0.5) ? p : b;
  const window = { node, at: random.int(end + 1), ms: random.between(1_000, 10 * minute) };
  const nth = random.between(1, random.chance(0.5) ? 15 : 60);
  const downMs = random.chance(0.7) ? random.int(2_000) : random.int(5 * minute);
  switch (random.int(12)) {
    case 0:
    case 1:
    case 2:
      return {
        kind: 'cut',
        ...direction,
        nth,
        how: random.pick(['before', 'part', 'after']),
        noticeMs: random.chance(0.3) ? 20_000 : 5,
      };
    case 3:
      return {
        kind: 'stall',
        ...direction,
        nth,
        ms: random.chance(0.3) ? random.between(20_000, 90_000) : random.between(200, 5_000),
      };
    case 4:
      return { kind: 'drip', ...direction, nth, pieces: random.between(2, 40), ms: random.between(1, 1_500) };
    case 5:
      return { kind: 'refuse', from: b, to: p, at: window.at, ms: random.between(500, 5 * minute) };
    case 6:
      return { kind: 'duplicate', node: p, nth: random.between(1, 12), afterMs: random.chance(0.5) ? 0 : random.int(5_000) };
    case 7:
    case 8:
      return {
        kind: 'crash-at-write',
        node,
        nth: random.between(1, 40),
        persisted: random.chance(0.5),
        power: random.chance(0.5),
        downMs,
      };
    case 9:
      return { kind: 'kill', node, at: window.at + random.int(1_500), power: random.chance(0.5), downMs };
    case 10:
      return random.chance(0.5)
        ? { kind: 'write-error', node, nth: random.between(1, 40), times: random.between(1, 4), persisted: random.chance(0.5) }
        : { kind: random.chance(0.5) ? 'full' : 'read-only', ...window };
    default:
      return { kind: 'clock', node, at: window.at, offsetMs: random.between(-40, 40) * (random.chance(0.5) ? minute : 1_000) };
  }
}

/**
 * Faults between a charge and its answer. Messages and writes have so many moments that the others seldom hit this one.
 */
function drawAnswerFaults(random: Random, providers: number, brief: boolean): Fault[] {
  const count = !brief && random.chance(0.6) ? 0 : random.between(1, 2);
  return Array.from({ length: count }, () => ({
    kind: 'at-answer',
    node: `p${random.int(providers)}`,
    nth: random.between(1, 8),
    what: random.pick(['client-dies', 'provider-dies', 'link-breaks']),
    reprice: random.chance(0.4),
    power: random.chance(0.3),
    downMs: random.chance(0.7) ? random.int(2_000) : random.int(minute),
  }));
}
