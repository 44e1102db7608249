import { toHex } from '@tributary/proof/primitives';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readSealed, writeSealed } from '@tributary/runtime';
import { z } from 'zod';
import { StoreError } from '../errors.ts';
import type { CheckFinding } from '../reports.ts';

/**
 * What a check found wrong with an index. It is kept in a file of its own, because the database is what is damaged. It
 * stays until a check finds nothing: after a restore, or when the record was written again.
 */
export interface Damage {
  /** What is wrong with the index as a whole (chains, log or tree); null when nothing is. */
  whole: string | null;
  /**
   * What is wrong with single records, by slot. Each has the leaf that it had then, so that a record written later is
   * not affected.
   */
  readonly slots: Map<number, { message: string; leaf: string }>;
}

const SLOT = /^slot (\d+)$/;
const shape = z.strictObject({
  whole: z.string().nullable(),
  slots: z.array(z.strictObject({ slot: z.number().int().min(0), leaf: z.string(), message: z.string() })),
});
const pathOf = (directory: string): string => join(directory, 'damage.json');

/** Reads what earlier checks found. A file that cannot be read means that something is wrong, but not what. */
export async function readDamage(directory: string): Promise<Damage> {
  try {
    const sealed = await readSealed(pathOf(directory));
    if (sealed === null) return { whole: null, slots: new Map() };
    const { whole, slots } = shape.parse(sealed.value);
    return { whole, slots: new Map(slots.map(({ slot, ...entry }) => [slot, entry])) };
  } catch {
    return { whole: 'an earlier check found damage, and its findings cannot be read; run check again', slots: new Map() };
  }
}

/**
 * Stores what a check found; it is on disk when this resolves. No findings clear what was stored.
 *
 * @throws StoreError DISK_WRITE
 */
export async function rememberDamage(
  directory: string,
  damage: Damage,
  findings: readonly CheckFinding[],
  leafOf: (slot: number) => Uint8Array | null,
): Promise<void> {
  damage.slots.clear();
  damage.whole = null;
  for (const { where, message } of findings) {
    const slot = SLOT.exec(where)?.[1];
    const leaf = slot === undefined ? null : leafOf(Number(slot));
    if (leaf === null) damage.whole ??= `${where}: ${message}`;
    else damage.slots.set(Number(slot), { message, leaf: toHex(leaf) });
  }
  if (damage.whole === null && damage.slots.size === 0) return rm(pathOf(directory), { force: true });
  const slots = [...damage.slots].map(([slot, entry]) => ({ slot, ...entry }));
  await writeSealed(pathOf(directory), { version: 1, value: { whole: damage.whole, slots } });
}

/** @throws StoreError STORE_DAMAGED when the index as a whole is damaged */
export function refuseDamagedIndex({ whole }: Damage, name: string): void {
  if (whole === null) return;
  throw new StoreError('STORE_DAMAGED', `index ${name} is damaged (${whole}); restore a backup, or repair it, and run check`);
}

/** @throws StoreError STORE_DAMAGED when a check found this record damaged and it was not written again since */
export function refuseDamagedRecord({ slots }: Damage, slot: number, leaf: () => Uint8Array): void {
  const found = slots.get(slot);
  if (found === undefined || found.leaf !== toHex(leaf())) return;
  throw new StoreError('STORE_DAMAGED', `the record in slot ${slot}: ${found.message}; restore a backup, or write it again`);
}

/** The first finding in words; null when there is none. */
export function describeDamage({ whole, slots }: Damage): string | null {
  const [first] = slots;
  if (whole !== null) return whole;
  return first === undefined ? null : `slot ${first[0]}: ${first[1].message}`;
}
