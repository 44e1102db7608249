import type { OwnIndex } from '@tributary/schemas';
import type { ImportReport } from '../../import/report.ts';
import { counted } from '../../steps/ingest-paths.ts';
import { describeVectors } from '../../ui/describe-vectors.ts';

/** Refused records that are printed; `--json` has more. */
const REFUSED_SHOWN = 20;

export function describeStart({ index, created, resumedAt }: { index: OwnIndex; created: boolean; resumedAt: number }): string {
  const { id, metric, model } = index;
  const what = `${id} (${created ? 'new, ' : ''}${describeVectors(index)}, ${metric}${model === null ? '' : `, ${model}`})`;
  return resumedAt === 0 ? `importing into ${what}` : `importing into ${what}, after the ${resumedAt} records of an earlier run`;
}

/** The result in lines. */
export function describeReport({
  index,
  read,
  written,
  changed,
  refused,
  before,
  now,
  sampled,
  differences,
}: ImportReport): string[] {
  return [
    `${counted(read, 'record')} read, ${written} written to ${index}, on disk; it has ${now}${before === 0 ? '' : ` (${before} before)`}`,
    ...(changed === 0
      ? []
      : [`${counted(changed, 'record')} with metadata that were changed to fit: flattened, or null left out`]),
    ...refused.named.slice(0, REFUSED_SHOWN).map(({ id, reason }) => `  refused ${id}: ${reason}`),
    ...(refused.count > REFUSED_SHOWN ? [`  and ${refused.count - Math.min(refused.named.length, REFUSED_SHOWN)} more`] : []),
    ...(differences.length === 0
      ? [`verified: counts agree, and ${counted(sampled.compared, 'sampled record')} equal those of the source to the bit`]
      : differences.map((difference) => `NOT complete: ${difference}`)),
  ];
}
