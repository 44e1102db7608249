import { seeded } from '../vectors.ts';

/** Words of the vocabulary, of which some are common and most are rare (Zipf). */
const VOCABULARY = 50_000;
const WORDS = 12;
const SYLLABLES = ['ba', 'de', 'fi', 'go', 'ku', 'la', 'me', 'ni', 'po', 'ru', 'sa', 'te', 'vi', 'wo', 'zu', 'ra'];
/** Length of the noise relative to that of a centre. */
const SPREAD = 0.9;
const YEARS = 40;
const TOPICS = 100;
/** More than the records of any round. */
const ROUND = 2 ** 24;

/** Records that follow from their number alone, so that no process has to hold them all. */
export function makeRecords({ dimension, clusters }: { dimension: number; clusters: number }) {
  const random = seeded(17);
  const centres = Array.from({ length: clusters }, () => Float32Array.from({ length: dimension }, () => gauss(random)));
  const vectorOf = (number: number): Float32Array<ArrayBuffer> => {
    const own = seeded(Math.imul(number + 1, 0x9e3779b1));
    for (let skip = 0; skip < 4; skip += 1) own();
    const centre = centres[Math.floor(own() * clusters)]!;
    const vector = Float32Array.from(centre, (component) => component + SPREAD * gauss(own));
    const length = Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0));
    return vector.map((component) => component / length);
  };
  /** Another round has other records with the same ids. */
  const recordOf = (number: number, round = 0) => {
    const own = seeded(Math.imul(number + 1 + round * ROUND, 0x85ebca6b));
    const text = Array.from({ length: WORDS }, () => wordOf(Math.floor(VOCABULARY ** own()))).join(' ');
    const metadata = { topic: `topic ${number % TOPICS}`, year: 1980 + Math.floor(own() * YEARS) };
    return { id: `r${number}`, text, vector: vectorOf(number + round * ROUND), metadata };
  };
  return { vectorOf, recordOf };
}

/** Nearly normal: the sum of three uniform numbers, at variance 1. */
const gauss = (random: () => number): number => 2 * (random() + random() + random() - 1.5);

/** A word for each number of the vocabulary. */
function wordOf(number: number): string {
  let word = '';
  for (let rest = number + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length]!;
  return word;
}
