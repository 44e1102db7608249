import { askNode } from '@tributary/relay/local';
import { TributaryError } from '@tributary/schemas';
import { dataFolder } from '../folders.ts';
import { confirm } from '../ui/confirm.ts';
import { describePublication, type PublishPreview } from '../ui/describe-publication.ts';
import type { Output } from '../ui/output.ts';

/**
 * `tributary publish INDEX`: shows what becomes public and what can leak, and asks for confirmation before anything is
 * announced.
 */
export async function publishCommand(index: string, options: { data?: string; yes?: boolean }, output: Output): Promise<number> {
  const data = dataFolder('provider', options.data);
  const preview = (await askNode(data, 'publishPreview', { index })) as PublishPreview;
  for (const line of describePublication(preview)) output.note(line);
  if (!options.yes && !(await confirm('Publish?'))) throw new TributaryError('CANCELLED', 'nothing was published');
  await askNode(data, 'publish', { index });
  output.line(`${preview.index} is listed now; take it back with: tributary unpublish ${index}`);
  return 0;
}

/** `tributary unpublish INDEX`: stops announcing an index. Offers that were already made expire on their own. */
export async function unpublishCommand(index: string, options: { data?: string }, output: Output): Promise<number> {
  await askNode(dataFolder('provider', options.data), 'unpublish', { index });
  output.line(`${index} is private again; clients keep what they have seen`);
  return 0;
}
