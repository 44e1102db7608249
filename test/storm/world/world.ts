import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askNode } from '@tributary/relay/local';
import { copyFolder } from './copy.ts';
import type { Finished, Launcher, Running } from './running.ts';

export const ROLES = ['provider', 'node', 'client'] as const;
export type Role = (typeof ROLES)[number];

/** Price of an answer of the provider. */
export const price = 3n;
/** The index that the provider sells. */
export const sold = 'rivers';

const READY: Readonly<Record<Role, RegExp>> = {
  provider: /^serving rivers@/m,
  node: /^node at (\S+)$/m,
  client: /^client at (\S+)$/m,
};

/** A provider that sells, a node with own indexes that buys from it, and a program that buys with the SDK. */
export interface World {
  readonly folder: string;
  /** The data folder of a role. */
  data(role: Role): string;
  /** The documents of the provider, read at each of its starts. */
  readonly documents: string;
  /** Addresses of the node's gateway and of the client. */
  url(role: 'node' | 'client'): string;
  running(role: Role): Running | null;
  /** Starts a role without waiting for it, with more options for this start. */
  spawn(role: Role, more?: readonly string[]): Running;
  /** Resolves when the role is ready: null; or with what it said if it ended instead. */
  ready(role: Role): Promise<string | null>;
  start(role: Role, more?: readonly string[]): Promise<string | null>;
  stop(role: Role): Promise<Finished | null>;
  kill(role: Role): Promise<void>;
  /** Calls a method of the admin socket of a role, or of the node's gateway. */
  admin<T>(of: 'provider' | 'node' | 'gateway', method: string, params?: object): Promise<T>;
  /** Ends all roles and removes the folder. */
  close(): Promise<void>;
}

export interface WorldOptions {
  /** A folder with the data of an earlier world. */
  from?: string;
  /** Variables for one role, beside its folders. */
  env?: (role: Role, folder: string) => Record<string, string>;
  /** More options for one role. */
  options?: (role: Role) => string[];
  /** Where the data folder of a role is; null: in the world's folder. */
  place?: (role: Role, folder: string) => string | null;
}

/** Makes the folder of a world. Nothing runs yet. */
export async function openWorld(launcher: Launcher, options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-storm-'));
  if (options.from !== undefined) await copyFolder(options.from, folder);
  const documents = join(folder, 'documents');
  for (const path of [documents, join(folder, 'home')]) await mkdir(path, { recursive: true });
  const data = (role: Role) => options.place?.(role, folder) ?? join(folder, 'home', role);
  const roles = new Map<Role, Running>();
  const urls = new Map<Role, string>();
  const argv = (role: Role): string[] => {
    const more = options.options?.(role) ?? [];
    if (role === 'client') return ['client', data(role), ...more];
    if (role === 'node') return ['node', '--port', '0', '--data', data(role), ...more];
    return ['provide', documents, '--index', sold, '--no-plan', '--data', data(role), ...more];
  };
  const spawn = (role: Role, more: readonly string[] = []): Running => {
    const env = {
      TRIBUTARY_HOME: join(folder, 'home'),
      TRIBUTARY_RENDEZVOUS: join(folder, 'rendezvous'),
      ...options.env?.(role, folder),
    };
    const one = launcher.start([...argv(role), ...more], env);
    roles.set(role, one);
    void one.ended.then(() => roles.get(role) === one && roles.delete(role));
    return one;
  };
  const ready = async (role: Role): Promise<string | null> => {
    const one = roles.get(role);
    if (one === undefined) return 'it does not run';
    const match = await one.says(READY[role]);
    if (match === null) return one.said();
    if (match[1] !== undefined) urls.set(role, match[1]);
    return null;
  };
  const kill = async (role: Role) => void (await roles.get(role)?.kill());
  return {
    folder,
    documents,
    data,
    spawn,
    ready,
    kill,
    url: (role) => urls.get(role)!,
    running: (role) => roles.get(role) ?? null,
    start: (role, more) => {
      spawn(role, more);
      return ready(role);
    },
    stop: async (role) => (await roles.get(role)?.stop()) ?? null,
    admin: async <T>(of: 'provider' | 'node' | 'gateway', method: string, params: object = {}) =>
      (await askNode(of === 'gateway' ? join(data('node'), 'gateway') : data(of), method, params)) as T,
    close: async () => {
      await Promise.all(ROLES.map(kill));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts roles one after another.
 *
 * @param selling options of the provider for this start
 * @throws Error when one does not start
 */
export async function startAll(world: World, roles: readonly Role[] = ROLES, selling: readonly string[] = []): Promise<void> {
  for (const role of roles) {
    const said = await world.start(role, role === 'provider' ? selling : []);
    if (said !== null) throw new Error(`${role} did not start: ${said}`);
  }
}
