import { checkData, type DataCheck } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import { isTributaryError } from '@tributary/schemas';
import { requireNodeData } from '../data-folder.ts';
import { dataFolder } from '../folders.ts';
import type { Output } from '../ui/output.ts';
import { createProgress } from '../ui/progress.ts';

/**
 * `tributary check`: verifies everything on a provider's disk, through the running node or directly. Exit code 1 when
 * something is wrong.
 */
export async function checkCommand(options: { data?: string; json?: boolean }, output: Output): Promise<number> {
  const data = dataFolder('provider', options.data);
  const reports = await checkAnyhow(data, output);
  if (options.json) output.json(reports);
  else describe(reports, output);
  return Object.values(reports).every(({ ok }) => ok) ? 0 : 1;
}

async function checkAnyhow(data: string, output: Output): Promise<Record<string, DataCheck>> {
  try {
    return (await askNode(data, 'check')) as Record<string, DataCheck>;
  } catch (error) {
    if (!isTributaryError(error) || error.code !== 'NODE_NOT_RUNNING') throw error;
  }
  await requireNodeData(data, 'provider');
  const progress = createProgress('check', output);
  try {
    return await checkData(data, (name, { phase, done, total }) =>
      progress.update({ done, total, note: `${name} ${phase}`, secondsLeft: null }),
    );
  } finally {
    progress.stop();
  }
}

function describe(reports: Record<string, DataCheck>, output: Output): void {
  for (const [name, report] of Object.entries(reports)) {
    output.line(`${report.ok ? 'ok     ' : 'DAMAGED'} ${name}: ${report.summary}`);
    for (const { code, where, message } of report.findings) output.line(`    ${where}: ${message} (${code})`);
    if (report.findingsCount > report.findings.length)
      output.line(`    and ${report.findingsCount - report.findings.length} more`);
  }
  if (Object.keys(reports).length === 0) output.line('there is nothing to check');
}
