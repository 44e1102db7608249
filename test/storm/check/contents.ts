import { compare } from '../load/book.ts';
import { readBackups } from '../load/backups.ts';
import { readDocuments } from '../load/documents.ts';
import { checkFiles, editionsOf } from '../load/files.ts';
import { readKeys } from '../load/keys.ts';
import { readRecords } from '../load/records.ts';
import type { Memory } from '../load/types.ts';
import { askClient, isDelivered } from '../world/calls.ts';
import type { World } from '../world/world.ts';

/** Everything acknowledged is there and equal; nothing deleted came back. */
export async function checkContents(world: World, memory: Memory): Promise<string[]> {
  const [key] = memory.keys;
  const { records, documents, apiKeys, backups } = memory;
  return [
    ...compare(records, 'record', await readRecords(world, key)),
    ...compare(documents, 'document', await readDocuments(world, key)),
    ...compare(apiKeys, 'API key', await readKeys(world, apiKeys.keys())),
    ...compare(backups, 'backup', await readBackups(world, key, backups.keys())),
    ...(await checkFiles(world, memory)),
  ].map(hideSecret);
}

/** A sold answer has the present edition of a file. One file is asked for, so that the check stays short. */
export async function checkSold(world: World, memory: Memory, at: number): Promise<string[]> {
  const editions = editionsOf(memory);
  const chosen = editions[at % Math.max(1, editions.length)];
  if (chosen === undefined) return [];
  const [name, word] = chosen;
  memory.tally.asked += 1;
  const answer = await askClient(world, { text: word });
  if (!isDelivered(answer)) return [`sold: a question for ${name}: ${JSON.stringify(answer).slice(0, 300)}`];
  memory.tally.answered += 1;
  if (answer.receipt !== null) memory.receipts.add(answer.receipt);
  return answer.results.some(({ text }) => text.includes(`${name} reads ${word}`))
    ? []
    : [`sold: ${word} of ${name} is not among ${answer.results.length} results`];
}

interface Check {
  ok: boolean;
}

/** `tributary check` finds nothing wrong on either side. */
export async function checkDisks(world: World): Promise<string[]> {
  const violations: string[] = [];
  for (const role of ['provider', 'node'] as const)
    for (const [part, report] of Object.entries(await world.admin<Record<string, Check>>(role, 'check')))
      if (!report.ok) violations.push(`check: ${part} of the ${role}: ${JSON.stringify(report).slice(0, 400)}`);
  return violations;
}

const hideSecret = (line: string): string => line.replace(/(trib_[a-z2-7]{16}_)[a-z2-7]+/g, '$1…');
