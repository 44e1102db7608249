import type { Contexts } from './context.ts';
import type { Section } from './sections.ts';
import type { Unit } from './units.ts';

/** A block as units. `section` is the index of its section. */
export interface Bundle {
  section: number;
  isHeading: boolean;
  keepWhole: boolean;
  tokens: number;
  units: PlacedUnit[];
}

export interface PlacedUnit extends Unit {
  section: number;
  isHeading: boolean;
  /** UTF-8 offsets into the text. */
  startByte: number;
  endByte: number;
}

export interface PackOptions {
  maxTokens: number;
  bytesMax: number;
  contexts: Contexts;
  sections: readonly Section[];
  /** Tokens of all bundles, by section. */
  sectionTokens: readonly number[];
  /** Whether a chunk with its context fits, by an exact count. Sums over parts may be slightly off. */
  fits(chunk: readonly PlacedUnit[]): boolean;
}

/** A section joins the previous chunk while that has less than this share of the window. */
const SMALL_SHARE = 0.4;
/** A block that would fit alone is not cut to fill a chunk that already has this share of the window. */
const FULL_SHARE = 0.5;
/** Slack when a long section is divided evenly, so that the last chunk is not tiny. */
const EVEN_SLACK = 1.1;

interface Packing {
  options: PackOptions;
  chunks: PlacedUnit[][];
  current: PlacedUnit[];
  tokens: number;
  /** Tokens per section that are not packed yet. */
  left: number[];
  /** Tokens that the current chunk may have, without its context. */
  room: number;
}

/**
 * Packs units into chunks. Blocks stay whole if possible, small sections are joined, and headings stay with their text.
 */
export function pack(bundles: Iterable<Bundle>, options: PackOptions): PlacedUnit[][] {
  const packing: Packing = {
    options,
    chunks: [],
    current: [],
    tokens: 0,
    left: [...options.sectionTokens],
    room: 0,
  };
  for (const bundle of bundles) {
    if (bundle.isHeading && sectionShouldPart(packing, bundle)) close(packing);
    if (turnsPage(packing, bundle)) close(packing);
    if (!addWhole(packing, bundle)) addUnits(packing, bundle);
    packing.left[bundle.section] = (packing.left[bundle.section] ?? 0) - bundle.tokens;
  }
  while (packing.current.length > 0) close(packing);
  return packing.chunks;
}

/** A chunk stays on one page if possible, so that a citation names the page with the text. */
function turnsPage({ current }: Packing, { units }: Bundle): boolean {
  const [last, first] = [current.at(-1), units[0]];
  if (!last || !first || current.every((unit) => unit.isHeading)) return false;
  return last.page !== null && first.page !== null && last.page !== first.page;
}

function sectionShouldPart({ current, tokens, options, room }: Packing, bundle: Bundle): boolean {
  if (current.every((unit) => unit.isHeading)) return false;
  const incoming = options.sectionTokens[bundle.section] ?? 0;
  return tokens >= SMALL_SHARE * options.maxTokens || tokens + incoming > room;
}

function addWhole(packing: Packing, bundle: Bundle): boolean {
  if (tryAppend(packing, bundle.units, bundle.tokens)) return true;
  const { options } = packing;
  const fitsAlone = bundle.tokens <= fullRoom(options, bundle.units[0]) && spanBytes(bundle.units) <= options.bytesMax;
  const isFull = packing.tokens >= FULL_SHARE * options.maxTokens;
  if (!fitsAlone || !(bundle.keepWhole || isFull)) return false;
  close(packing);
  if (tryAppend(packing, bundle.units, bundle.tokens, fullRoom(options, packing.current[0] ?? bundle.units[0]))) return true;
  if (!bundle.keepWhole) return false;
  // A carried-over heading leaves no room.
  while (packing.current.length > 0) close(packing, true);
  return tryAppend(packing, bundle.units, bundle.tokens, fullRoom(options, bundle.units[0]));
}

function addUnits(packing: Packing, bundle: Bundle): void {
  for (const unit of bundle.units) {
    if (tryAppend(packing, [unit], unit.tokens)) continue;
    while (packing.current.length > 0) {
      close(packing);
      if (tryAppend(packing, [unit], unit.tokens)) break;
    }
    if (packing.current.at(-1) !== unit) {
      // A unit is never larger than a chunk, except for one character of several tokens.
      packing.room = packing.options.maxTokens;
      append(packing, [unit], unit.tokens);
    }
  }
}

function tryAppend(packing: Packing, units: readonly PlacedUnit[], tokens: number, roomGiven?: number): boolean {
  if (packing.current.length === 0) packing.room = evenRoom(packing, units[0]);
  const span = (units.at(-1)?.endByte ?? 0) - ((packing.current[0] ?? units[0])?.startByte ?? 0);
  if (packing.tokens + tokens > (roomGiven ?? packing.room) || span > packing.options.bytesMax) return false;
  append(packing, units, tokens);
  return true;
}

function append(packing: Packing, units: readonly PlacedUnit[], tokens: number): void {
  for (const unit of units) packing.current.push(unit);
  packing.tokens += tokens;
}

/** Tokens available in a chunk that begins with `first`. */
function fullRoom({ maxTokens, sections, contexts }: PackOptions, first: PlacedUnit | undefined): number {
  const section = first === undefined ? undefined : sections[first.section];
  return first === undefined || section === undefined ? maxTokens : maxTokens - contexts.of(section, first.isHeading).tokens;
}

/** The same, balanced when the rest of the section takes several chunks. */
function evenRoom({ options, left }: Packing, first: PlacedUnit | undefined): number {
  const room = fullRoom(options, first);
  const remaining = first === undefined ? 0 : (left[first.section] ?? 0);
  if (remaining <= room) return room;
  const chunks = Math.ceil(remaining / room);
  return Math.min(room, Math.ceil((remaining / chunks) * EVEN_SLACK));
}

/** Ends the current chunk. Headings at its end, and units beyond the exact count, begin the next one. */
function close(packing: Packing, keepHeadings = false): void {
  const { options, current } = packing;
  if (current.length === 0) return;
  let end = current.length;
  while (!keepHeadings && end > 0 && current[end - 1]?.isHeading === true) end -= 1;
  if (end === 0) end = current.length;
  while (end > 1 && !options.fits(current.slice(0, end))) end = shorten(end);
  packing.chunks.push(current.slice(0, end));
  packing.current = current.slice(end);
  packing.tokens = packing.current.reduce((sum, unit) => sum + unit.tokens, 0);
  packing.room = evenRoom(packing, packing.current[0]);
}

/** One unit less of a few, or a sixteenth less of many. */
function shorten(end: number): number {
  return end - Math.max(1, Math.floor((end - 1) / 16));
}

function spanBytes(units: readonly PlacedUnit[]): number {
  return (units.at(-1)?.endByte ?? 0) - (units[0]?.startByte ?? 0);
}
