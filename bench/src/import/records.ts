import { seeded } from '../vectors.ts';

/** A component of a vector, as a number of 32 bits and as the shortest text that reads as it. */
interface Component {
  readonly value: number;
  readonly text: string;
}

const COMPONENTS = 65_536;
/** Odd, so that all places of the table are used. */
const STEP = 40_503;
const components = makeComponents();

/** Components between -1 and 1. Vectors take them from a table, so that a server need not format a billion numbers. */
function makeComponents(): Component[] {
  const random = seeded(11);
  return Array.from({ length: COMPONENTS }, () => {
    const value = Math.fround(random() * 2 - 1);
    return { value, text: shortest(value) };
  });
}

/** Nine significant digits always tell a number of 32 bits (IEEE 754). */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits += 1) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

export const idOf = (at: number): string => `record-${at}`;

export const metadataOf = (at: number): { at: number; kind: string } => ({ at, kind: `kind ${at % 10}` });

/** The vector of a record, the same whenever it is made. */
export const vectorOf = (at: number, dimension: number): Float32Array =>
  Float32Array.from(componentsOf(at, dimension), ({ value }) => value);

/** The same as a JSON array. */
export const vectorTextOf = (at: number, dimension: number): string =>
  `[${componentsOf(at, dimension)
    .map(({ text }) => text)
    .join(',')}]`;

function componentsOf(at: number, dimension: number): Component[] {
  const random = seeded(at + 1);
  // Two numbers for each vector: where it starts in the table, and how far it goes.
  const [start, stride] = [Math.floor(random() * COMPONENTS), Math.floor(random() * COMPONENTS) * 2 + 1];
  return Array.from(
    { length: dimension },
    (_, place) => components[(start + place * stride + place * place * STEP) % COMPONENTS]!,
  );
}
