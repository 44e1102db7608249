import { randomBytes } from 'node:crypto';
import { goLive, markRestored } from '@tributary/relay';
import { TributaryError } from '@tributary/schemas';
import { refuseSecondNode, requireNodeData } from '../data-folder.ts';
import { dataFolder } from '../folders.ts';
import { confirm } from '../ui/confirm.ts';
import type { Output } from '../ui/output.ts';
import { copyData } from '../steps/copy-data.ts';

export interface RestoreOptions {
  data?: string;
  goLive?: boolean;
  yes?: boolean;
}

/**
 * `tributary restore BACKUP`: creates a provider's data folder from a backup, as a rehearsal that is announced to
 * nobody. With `--go-live` instead of a backup: the rehearsal replaces the original.
 */
export async function restoreCommand(backup: string | undefined, options: RestoreOptions, output: Output): Promise<number> {
  const data = dataFolder('provider', options.data);
  if (options.goLive) {
    if (backup !== undefined) throw new TributaryError('USAGE', '--go-live takes no backup: it applies to the folder of --data');
    return makeLive(data, options, output);
  }
  if (backup === undefined)
    throw new TributaryError('USAGE', 'give the folder of a backup, or --go-live for one that is already restored');
  await requireNodeData(backup, 'provider');
  await copyData(backup, data, (draft) => markRestored(draft, Date.now(), randomBytes));
  output.line(`restored ${backup} to ${data}, as a rehearsal: it has a new receipt key, and is announced and sold to nobody`);
  output.note(
    `try it: tributary provide --index NAME --data ${data}, then tributary query "…" --index NAME --owner --data ${data}`,
  );
  output.note(`to let it take the original's place, stop both and run: tributary restore --go-live --data ${data}`);
  return 0;
}

async function makeLive(data: string, options: RestoreOptions, output: Output): Promise<number> {
  await requireNodeData(data, 'provider');
  await refuseSecondNode(data);
  output.note(
    'clients will follow this copy from its next start on and leave the original, which must never start again; what the original wrote after the backup is lost, and clients that saw it refuse the older log (HEAD_ROLLBACK)',
  );
  if (!options.yes && !(await confirm('Take the place of the original?')))
    throw new TributaryError('CANCELLED', 'nothing was changed');
  await goLive(data);
  output.line(`${data} takes the original's place from its next start on`);
  return 0;
}
