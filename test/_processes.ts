// Real processes of the command line for tests. Each has its own folder and shares nothing with the user's.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './program.ts';

const WAIT_MS = 150_000;

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** A process that runs until it is stopped. */
export interface Running {
  pid: number;
  /** Resolves with the match as soon as the output so far, on either stream, contains the pattern. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): Promise<Finished>;
  ended: Promise<Finished>;
}

export interface Workplace {
  folder: string;
  /** Starts `tributary ARGS`. */
  start(args: string[], script?: string): Running;
  /** Runs `tributary ARGS` to its end, without a terminal on standard input. */
  run(...args: string[]): Promise<Finished>;
  /** Ends what still runs and removes the folder. */
  close(): Promise<void>;
}

/** @param more of the environment of its processes */
export async function openWorkplace(more: NodeJS.ProcessEnv = {}): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-processes-'));
  const running = new Set<Running>();
  const home = { TRIBUTARY_HOME: join(folder, 'home'), TRIBUTARY_RENDEZVOUS: join(folder, 'rendezvous') };
  const env = { ...process.env, ...home, ...more };
  const start = (args: string[], script = program): Running => {
    const one = launch([script, ...args], env, folder);
    running.add(one);
    void one.ended.then(() => running.delete(one));
    return one;
  };
  return {
    folder,
    start,
    run: (...args) => start(args).ended,
    close: async () => {
      await Promise.all([...running].map((one) => one.kill('SIGKILL')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function launch(args: string[], env: NodeJS.ProcessEnv, cwd: string): Running {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  const listeners = new Set<() => void>();
  const heard = () => listeners.forEach((listener) => listener());
  child.stdout.on('data', (data: Buffer) => {
    texts.out += data.toString();
    heard();
  });
  child.stderr.on('data', (data: Buffer) => {
    texts.err += data.toString();
    heard();
  });
  const ended = new Promise<Finished>((resolve) =>
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...texts });
      heard();
    }),
  );
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const settle = (action: () => void) => {
        listeners.delete(look);
        clearTimeout(timer);
        action();
      };
      const look = () => {
        const match = pattern.exec(`${texts.out}\n${texts.err}`);
        if (match) settle(() => resolve(match));
        else if (child.exitCode !== null || child.signalCode !== null) settle(() => reject(silent('it ended')));
      };
      const silent = (why: string) =>
        new Error(`${args.slice(1).join(' ')} never said ${pattern}: ${why}\n${texts.out}\n${texts.err}`);
      const timer = setTimeout(() => settle(() => reject(silent('waited too long'))), WAIT_MS);
      listeners.add(look);
      look();
    });
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return { pid: child.pid!, says, kill, ended };
}

/** Writes files into a new folder. */
export async function writeFolder(folder: string, files: Record<string, string | Uint8Array>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/** The pids in a rendezvous folder, where every node enters itself. */
export async function nodesOf(rendezvous: string): Promise<number[]> {
  const names = (await readdir(rendezvous)).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(rendezvous, name), 'utf8')).pid as number));
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A PDF with one line of text on each page. */
export function pdfWith(pages: string[]): Uint8Array {
  const kids = pages.map((_, at) => `${4 + 2 * at} 0 R`).join(' ');
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Count ${pages.length}/Kids[${kids}]>>`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ...pages.flatMap((text, at) => {
      const content = `BT /F1 12 Tf 72 700 Td (${text}) Tj ET`;
      return [
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents ${5 + 2 * at} 0 R>>`,
        `<</Length ${content.length}>>stream\n${content}\nendstream`,
      ];
    }),
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  file += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer<</Size ${size}/Root 1 0 R>>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}
