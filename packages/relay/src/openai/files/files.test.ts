import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '@tributary/store';
import { openKeys } from '../../../test/support/api-keys.ts';
import { formOf, openOpenAiGateway } from '../../../test/support/openai.ts';
import { openAiFileBytesMax } from '../limits.ts';

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test('a file is kept, listed, read and deleted', async () => {
  const { call, folder } = await openOpenAiGateway();
  const made = await call('POST /v1/files', { form: formOf('# Über\n', 'Über uns.md') });
  expect(made).toMatchObject({
    status: 200,
    body: {
      object: 'file',
      bytes: 8,
      filename: 'Über uns.md',
      purpose: 'assistants',
      status: 'processed',
      created_at: expect.any(Number),
    },
  });
  const { id } = made.body;
  expect(await readFile(join(folder, 'files', id), 'utf8')).toBe('# Über\n');
  expect((await call(`GET /v1/files/${id}`)).body).toEqual(made.body);
  expect(await call(`GET /v1/files/${id}/content`)).toMatchObject({
    status: 200,
    text: '# Über\n',
    headers: { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' },
  });
  expect((await call('GET /v1/files')).body).toEqual({
    object: 'list',
    data: [made.body],
    first_id: id,
    last_id: id,
    has_more: false,
  });
  expect((await call(`DELETE /v1/files/${id}`)).body).toEqual({ id, object: 'file', deleted: true });
  expect(await call(`GET /v1/files/${id}`)).toMatchObject({ status: 404, body: { error: { code: 'FILE_NOT_FOUND' } } });
  expect([await readdir(join(folder, 'files')), await readdir(join(folder, 'incoming'))]).toEqual([[], []]);
});

test('lists go by pages, both ways', async () => {
  const { call } = await openOpenAiGateway();
  const ids: string[] = [];
  for (const purpose of ['assistants', 'vision', 'assistants', 'assistants'])
    ids.push((await call('POST /v1/files', { form: formOf('a', 'a.md', { purpose }) })).body.id);
  const list = async (query: string) => {
    const { status, body } = await call(`GET /v1/files?${query}`);
    return status === 200 ? [body.data.map(({ id }) => ids.indexOf(id)), body.has_more] : [status, body.error.param];
  };
  expect(await list('')).toEqual([[3, 2, 1, 0], false]);
  expect(await list('limit=2')).toEqual([[3, 2], true]);
  expect(await list(`limit=2&after=${ids[2]}`)).toEqual([[1, 0], false]);
  expect(await list(`order=asc&limit=1&after=${ids[1]}`)).toEqual([[2], true]);
  expect(await list(`limit=1&before=${ids[0]}`)).toEqual([[1], true]);
  expect(await list('purpose=vision')).toEqual([[1], false]);
  for (const [query, param] of [
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['limit=x', 'limit'],
    ['order=up', 'order'],
    ['after=file-x', 'after'],
    ['surprise=1', 'surprise'],
  ])
    expect(await list(query!)).toEqual([400, param]);
});

test('a form that is not one file with a purpose is refused, and leaves nothing', async () => {
  const { call, folder, gateway } = await openOpenAiGateway();
  const two = formOf('a');
  two.append('file', new File(['b'], 'b.md'));
  const none = new FormData();
  none.set('purpose', 'assistants');
  const many = formOf('a');
  for (let at = 0; at < 20; at += 1) many.append('more', 'x');
  const other = new FormData();
  other.set('purpose', 'assistants');
  other.set('upload', new File(['a'], 'a.md'));
  for (const [form, param] of [
    [formOf('a', 'a.md', {}), 'purpose'],
    [formOf('a', 'a.md', { purpose: 'world-domination' }), 'purpose'],
    [formOf('a', 'a.md', { purpose: 'assistants', surprise: '1' }), 'surprise'],
    [formOf('a', 'a.md', { purpose: 'assistants', 'expires_after[seconds]': '3600' }), 'expires_after[seconds]'],
    [formOf('a', 'a.md', { purpose: 'x'.repeat(4_097) }), 'purpose'],
    [formOf('a', '..'), 'file'],
    [formOf('a', `${'n'.repeat(300)}.md`), 'file'],
    [two, 'file'],
    [none, 'file'],
    [many, 'file'],
    [other, 'upload'],
  ] as const)
    expect(await call('POST /v1/files', { form }), param).toMatchObject({ status: 400, body: { error: { param } } });
  for (const [type, payload] of [
    ['multipart/form-data', 'a'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="file"; filename="a.md"\r\n\r\ncut'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; filename="a.md"\r\n\r\na\r\n--x--\r\n'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data\r\n\r\na\r\n--x--\r\n'],
  ] as const) {
    const headers = { host: 'localhost', 'content-type': type };
    const reply = await gateway.app.inject({ method: 'POST', url: '/v1/files', headers, payload });
    const { error } = reply.json<{ error: object }>();
    expect([reply.statusCode, error]).toMatchObject([400, { type: 'invalid_request_error', param: null }]);
  }
  expect([await readdir(join(folder, 'files')), await readdir(join(folder, 'incoming'))]).toEqual([[], []]);
});

test('a file of the most bytes is taken, and none of one more', async () => {
  const { call } = await openOpenAiGateway();
  const bytes = new Uint8Array(openAiFileBytesMax + 1).fill(97);
  const most = await call('POST /v1/files', { form: formOf(bytes.subarray(1)) });
  expect(most).toMatchObject({ status: 200, body: { bytes: openAiFileBytesMax } });
  expect(await call('POST /v1/files', { form: formOf(bytes) })).toMatchObject({
    status: 413,
    body: { error: { param: 'file' } },
  });
});

test('files are there after a restart; what a crash left over is not', async () => {
  const first = await openOpenAiGateway();
  const { body } = await first.call('POST /v1/files', { form: formOf('a') });
  await first.stop();
  await writeFile(join(first.folder, 'files', 'file-without-row'), 'x');
  await writeFile(join(first.folder, 'incoming', 'file-cut'), 'x');
  const second = await openOpenAiGateway({ folder: first.folder });
  expect((await second.call(`GET /v1/files/${body.id}`)).body).toEqual(body);
  expect(await readdir(join(first.folder, 'files'))).toEqual([body.id]);
  expect(await readdir(join(first.folder, 'incoming'))).toEqual([]);
});

test('a changed file is not given out, and a changed row or a lost file keeps the node from starting', async () => {
  const first = await openOpenAiGateway();
  const { body } = await first.call('POST /v1/files', { form: formOf('abc') });
  const path = join(first.folder, 'files', body.id);
  await writeFile(path, 'abd');
  expect(await first.call(`GET /v1/files/${body.id}/content`)).toMatchObject({
    status: 500,
    body: { error: { code: 'STORE_DAMAGED' } },
  });
  await first.stop();
  await writeFile(path, 'ab');
  await expect(openOpenAiGateway({ folder: first.folder })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  await writeFile(path, 'abc');
  const database = await openDatabase(join(first.folder, 'db'));
  const key = Buffer.from(`file:${body.id}`);
  const row = Buffer.from(database.get(key)!);
  expect(createHash('sha256').update(row.subarray(32)).digest().equals(row.subarray(0, 32))).toBe(true);
  row[40]! ^= 1;
  await database.batch([{ key, value: row }]);
  await database.close();
  await expect(openOpenAiGateway({ folder: first.folder })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});

test('a file belongs to the key that uploaded it', async () => {
  const keys = await openKeys();
  const { call } = await openOpenAiGateway({ keys });
  const [ann, bob] = await Promise.all([1, 2].map(() => keys.make({ permissions: ['read', 'write'] })));
  const admin = await keys.make({ permissions: ['read', 'write', 'admin'] });
  const partial = await keys.make({ permissions: ['read', 'write', 'admin'], indexes: ['a*'] });
  const { body } = await call('POST /v1/files', { form: formOf('a'), headers: bearer(ann!.key) });
  const seen = async (key: string) => [
    (await call(`GET /v1/files/${body.id}`, { headers: bearer(key) })).status,
    (await call(`GET /v1/files/${body.id}/content`, { headers: bearer(key) })).status,
    (await call('GET /v1/files', { headers: bearer(key) })).body.data.length,
  ];
  expect(await seen(ann!.key)).toEqual([200, 200, 1]);
  expect(await seen(bob!.key)).toEqual([404, 404, 0]);
  expect(await seen(partial.key)).toEqual([404, 404, 0]);
  expect(await seen(admin.key)).toEqual([200, 200, 1]);
  expect((await call(`DELETE /v1/files/${body.id}`, { headers: bearer(bob!.key) })).status).toBe(404);
  expect((await call(`DELETE /v1/files/${body.id}`, { headers: bearer(ann!.key) })).status).toBe(200);
});
