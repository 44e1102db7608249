// The packed packages as others get them: installed by npm into an empty folder with an empty home, without the
// checkout. `npm run packs -- try` makes them and runs this file; elsewhere it is skipped, because it takes a minute.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '@tributary/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reworded } from '../packages/proof/test/_whole.ts';
import { openWorkplace, writeFolder, type Workplace } from './_processes.ts';

const ROOT = join(import.meta.dirname, '..');
const packs = process.env['TRIBUTARY_PACKS'] ?? '';
const packagedNode = join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`);

describe.skipIf(packs === '')('the packed packages (npm run packs -- try)', () => {
  let folder: string;
  let home: string;
  let project: string;
  let place: Workplace;
  const inProject = (program: string, argv: string[]) =>
    spawnSync(program, argv, { cwd: project, encoding: 'utf8', env: emptyHome(home), timeout: 150_000 });
  const tributary = (...argv: string[]) => place.start(argv, join(project, 'node_modules/@tributary/cli/dist/main.js'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-packs-'));
    home = join(folder, 'home');
    project = join(folder, 'project');
    await mkdir(home);
    const { status, stderr } = spawnSync('sh', [join(ROOT, 'deploy', 'install.sh'), packs, project], {
      encoding: 'utf8',
      env: emptyHome(home),
    });
    expect(status, stderr).toBe(0);
    place = await openWorkplace({ HOME: home });
  }, 600_000);
  afterAll(async () => {
    await place.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('hold licence, README and compiled files only', () => {
    const names = globSync('*', { cwd: join(project, 'node_modules/@tributary') });
    expect(names).toHaveLength(globSync('*.tgz', { cwd: packs }).length);
    const files = globSync('node_modules/@tributary/**/*', { cwd: project });
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
    expect(files.filter((file) => /\.(?:test|suite)\.|\/testing/.test(file))).toEqual([]);
    for (const name of names)
      for (const file of ['LICENSE', 'README.md', 'package.json'])
        expect(existsSync(join(project, 'node_modules/@tributary', name, file)), `${name}/${file}`).toBe(true);
  });

  it('sell, ask and prove, each in its own process', async () => {
    const documents = await writeFolder(join(place.folder, 'documents'), {
      'spring.md': '# Floods\n\nThe spring flood of the delta begins in April.',
    });
    const provider = tributary('provide', documents, '--index', 'rivers', '--licence', 'CC-BY-4.0', '--publish');
    await provider.says(/^serving/m);
    const gateway = tributary('gateway', '--port', '0');
    const [url] = await gateway.says(/http:\/\/127\.0\.0\.1:\d+/);
    const question = ['when does the flood begin', '--index', 'rivers', '--gateway', url, '--proof', 'proof.json'];
    expect(await tributary('query', ...question).ended).toMatchObject({
      code: 3,
      out: expect.stringContaining('begins in April'),
    });
    const proof = join(place.folder, 'proof.json');
    expect(await tributary('verify', proof).ended).toMatchObject({ code: 2, out: expect.stringContaining('CONSISTENT') });
    const bundle = JSON.parse(await readFile(proof, 'utf8')) as Bundle;
    await writeFile(proof, JSON.stringify(reworded(bundle, 'in April', 'in March')));
    expect(await tributary('verify', proof).ended).toMatchObject({ code: 1 });
    // The page is bundled from the installed files.
    expect(await (await fetch(`${url}/assets/page.js`)).text()).toContain('/v1/relay');

    await writeFile(join(project, 'ask.mts'), PROGRAM);
    expect(inProject(join(ROOT, 'node_modules/.bin/tsc'), [...STRICT, 'ask.mts'])).toMatchObject({ status: 0, stdout: '' });
    expect(inProject(process.execPath, ['ask.mjs', url])).toMatchObject({ stdout: expect.stringContaining('begins in April') });
  });

  it('start the network, with the documents and the model that came along', async () => {
    expect(inProject('npx', ['--offline', 'tributary', '--version'])).toMatchObject({ status: 0, stdout: '0.1.0\n' });
    const network = tributary('start', '--port', '0');
    await network.says(/^\[1\/3\] provider 'fastify-docs'/m);
    await network.says(/^ingest: /m);
    expect(await network.kill('SIGINT')).toMatchObject({ code: 0 });
  });

  it('run as a service', (context) => {
    if (spawnSync('systemd-analyze', ['--version']).error) return context.skip('no systemd-analyze here');
    const unit = readFileSync(join(ROOT, 'deploy/tributary.service'), 'utf8');
    const file = join(folder, 'tributary.service');
    writeFileSync(file, unit.replaceAll('/opt/tributary/', `${project}/`).replace(/^User=.*\n/m, ''));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

/** What a new project has in its tsconfig.json, and no types but those of its packages. */
const STRICT = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,dom,dom.iterable', '--types', ''];

const PROGRAM = `import { openHttpClient, type HttpQueryResult } from '@tributary/client';

const { results }: HttpQueryResult = await openHttpClient({ gateway: process.argv[2]! }).query({
  text: 'when does the flood begin',
  index: 'rivers',
});
console.log(results[0]?.text);
`;

/** Nothing of the user's, but the packages that npm fetched before. */
function emptyHome(home: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: home,
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    npm_config_prefer_offline: 'true',
    ...(existsSync(packagedNode) ? { npm_config_nodedir: packagedNode } : {}),
  };
}
