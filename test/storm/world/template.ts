import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyFolder } from './copy.ts';
import { fill, type Content } from './content.ts';
import type { Launcher } from './running.ts';
import { openWorld, ROLES } from './world.ts';

/** The folders of a filled world after a clean stop. Each round begins with a copy. */
export interface Template {
  readonly folder: string;
  readonly content: Content;
  close(): Promise<void>;
}

export async function openTemplate(launcher: Launcher): Promise<Template> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storm-template-'));
  const world = await openWorld(launcher);
  try {
    const content = await fill(world);
    for (const role of ROLES.toReversed()) await world.stop(role);
    await copyFolder(world.folder, folder);
    return { folder, content, close: () => rm(folder, { recursive: true, force: true }) };
  } finally {
    await world.close();
  }
}
