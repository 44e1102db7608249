import type { Random } from './random.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const STRINGS = [
  '',
  '\0',
  '\ud800',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '0x',
  'é'.normalize('NFD'),
  'A'.repeat(5_000),
  '💧',
  '%s%n',
  '1e999',
];
const NUMBERS = [0, -0, -1, 1, 0.5, 1e21, -1e308, 2 ** 53, 2 ** 53 + 2, 4_294_967_296, Number.MIN_VALUE];

function deep(levels: number): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { $and: [value] };
  return value;
}

function oddValue(random: Random): Json {
  switch (random.below(8)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return random.pick(STRINGS);
    case 4:
      return [];
    case 5:
      return {};
    case 6:
      return deep(random.below(100));
    default:
      return Array.from({ length: random.below(400) }, () => 0);
  }
}

/** The same value with one to three parts replaced, removed, added, or swapped with other parts of it. */
function mutateValue(random: Random, value: unknown): unknown {
  const root = { root: structuredClone(value) as Json };
  for (let change = 1 + random.below(3); change > 0; change -= 1) {
    const spots: { holder: Record<string, Json>; name: string }[] = [];
    collect(root, spots);
    const { holder, name } = random.pick(spots);
    const old = holder[name]!;
    const other = random.pick(spots);
    const kind = random.below(6);
    if (kind === 0 && holder !== root) delete holder[name];
    else if (kind === 1) put(holder, random.pick(STRINGS), oddValue(random));
    else if (kind === 2) put(holder, name, structuredClone(other.holder[other.name]!));
    else if (kind === 3 && typeof old === 'string') put(holder, name, mutateText(random, old));
    else if (kind === 4 && typeof old === 'number') put(holder, name, old + random.pick([-1, 1, 0.5, 1_000]));
    else put(holder, name, oddValue(random));
  }
  return root.root;
}

/** Works for a member named `__proto__` too. */
function put(holder: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

function collect(value: Json, spots: { holder: Record<string, Json>; name: string }[]): void {
  if (typeof value !== 'object' || value === null || spots.length > 2_000) return;
  for (const name of Object.keys(value)) {
    const holder = value as Record<string, Json>;
    spots.push({ holder, name });
    collect(holder[name]!, spots);
  }
}

/** A text with some characters or pieces changed, doubled, cut or moved. */
export function mutateText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const end = at + random.below(Math.min(40, text.length - at) + 1);
  const piece = text.slice(at, end);
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, end) + piece + text.slice(end);
    case 2:
      return (
        text.slice(0, at) + random.pick(['"', '{', '}', '[', ',', ':', '\\', ' ', '\n', '\0', '\u2028', '0']) + text.slice(at)
      );
    case 3:
      return text.slice(0, at);
    case 4:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 5:
      return `${text.slice(0, at)}${'['.repeat(random.below(200))}${text.slice(at)}`;
    default:
      return text.slice(0, at) + random.pick(STRINGS) + text.slice(end);
  }
}

/** JSON of a mutated value, sometimes with its text mutated as well, or only that. */
export function mutateJson(random: Random, value: unknown): string {
  const kind = random.below(10);
  const json = JSON.stringify(kind < 7 ? mutateValue(random, value) : value, null, random.chance(0.1) ? 1 : 0) ?? 'null';
  return kind > 5 ? mutateText(random, json) : json;
}

/** Bytes with some of them changed. */
export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let change = 1 + random.below(4); change > 0 && changed.length > 0; change -= 1)
    changed[random.below(changed.length)] = random.below(256);
  if (random.chance(0.2)) return changed.subarray(0, random.below(changed.length + 1));
  return random.chance(0.2) ? Buffer.concat([changed, random.bytes(random.below(64))]) : changed;
}
