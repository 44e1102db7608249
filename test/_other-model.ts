import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelDirectory } from './_network.ts';

/** Writes a folder with another model: the shipped weights, pooled in another way. A real worker runs it. */
export async function writeOtherModel(folder: string, id = 'other/model'): Promise<string> {
  await mkdir(folder, { recursive: true });
  await symlink(join(modelDirectory, 'onnx'), join(folder, 'onnx'));
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    await copyFile(join(modelDirectory, name), join(folder, name));
  const card = JSON.parse(await readFile(join(modelDirectory, 'card.json'), 'utf8')) as object;
  const other = { ...card, id, pooling: 'mean', prefixDocument: 'reverse: ' };
  await writeFile(join(folder, 'card.json'), JSON.stringify(other));
  return folder;
}
