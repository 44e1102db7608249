import { parseTrust, type VerifiedAnswer } from '@tributary/proof';
import type { Trust } from '@tributary/schemas';

const NAME = 'tributary.trust';
const NOBODY: Trust = { v: 1, type: 'tributary/trust', signers: [], logs: [], payees: [], witnesses: [], quorum: 0 };

/** The keys that this reader has pinned in this browser: a trust file, kept in local storage. */
export function readPins(): Trust {
  const kept = localStorage.getItem(NAME);
  if (kept === null) return NOBODY;
  try {
    return parseTrust(kept);
  } catch {
    // The storage is malformed: pinning nothing is the safe choice.
    return NOBODY;
  }
}

/** Pins the keys that an answer depends on. */
export function pinKeysOf(answer: VerifiedAnswer): void {
  const pins = readPins();
  const add = (list: string[], keys: string[]) => [...new Set([...list, ...keys])];
  const pinned: Trust = {
    ...pins,
    signers: add(
      pins.signers,
      answer.writes.map(({ statement }) => statement.signer),
    ),
    logs: add(pins.logs, [answer.identity.did]),
    payees: add(pins.payees, [answer.identity.payee]),
  };
  localStorage.setItem(NAME, JSON.stringify(pinned));
}

export function forgetPins(): void {
  localStorage.removeItem(NAME);
}
