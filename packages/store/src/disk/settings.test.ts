import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSealed, sealNext } from '@tributary/runtime';
import { expect, it, onTestFinished } from 'vitest';
import { newSettings, readSettings, withCard, writeSettings } from './settings.ts';

const seed = new Uint8Array(32).fill(3);
const make = (more = {}) =>
  newSettings({ name: 'rivers', dimension: 4, metric: 'cosine', model: { z: 1, id: 'm', a: 2 }, ...more }, seed, 5);

it('come back as they were written, the members of the model in their order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-settings-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const settings = make({ title: 'Rivers' });
  await writeSettings(folder, settings);
  const read = await readSettings(folder);
  expect(read).toEqual(settings);
  expect(Object.keys(read.model)).toEqual(['z', 'id', 'a']);
  const path = join(folder, 'index.json');
  const text = await readFile(path, 'utf8');
  const { value } = (await readSealed(path)) as { value: Record<string, unknown> };
  await sealNext(path, { ...value, format: 2 });
  await expect(readSettings(folder)).rejects.toMatchObject({ code: 'STORE_FORMAT' });
  await sealNext(path, { ...value, model: { id: 'another' } });
  await expect(readSettings(folder)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  await writeFile(path, text.replace('"z": 1', '"z": 2'));
  await expect(readSettings(folder)).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  await rm(path);
  await expect(readSettings(folder)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});

it('take the languages of a model as tags of BCP 47 only', () => {
  const languages = (list: unknown) => make({ model: { id: 'm', languages: list } });
  expect(languages(['en', 'zh-Hant', 'pt-BR']).model.languages).toEqual(['en', 'zh-Hant', 'pt-BR']);
  for (const wrong of ['en', [''], ['English'], [1], Array.from({ length: 257 }, () => 'en')])
    expect(() => languages(wrong)).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
});

it('are private unless said otherwise, and refuse what is out of range', () => {
  expect(make()).toMatchObject({ visibility: 'private', custody: 'self', author: null });
  expect(() => make({ name: 'Rivers' })).toThrow(expect.objectContaining({ code: 'INDEX_NAME' }));
  expect(() => make({ dimension: 0 })).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
  expect(withCard(make(), { title: 'New' }).title).toBe('New');
  expect(() => withCard(make(), { title: 'x'.repeat(300) })).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
});
