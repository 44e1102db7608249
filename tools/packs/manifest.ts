/** What tarballs need of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  type?: string;
  sideEffects?: boolean | string[];
  bin?: Record<string, string>;
  imports?: Record<string, Record<string, string>>;
  exports?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
}

/** The oldest Node that has all that the sources use. */
const NODE = '>=22.18';
/** For tests of this repository only. */
const TESTING = './testing';

/**
 * The package.json of a tarball: entries lead to the compiled files instead of the sources, and packages of the
 * workspace are named by their version.
 *
 * @param versions of the packages of the workspace
 */
export function publishedManifest(manifest: Manifest, versions: ReadonlyMap<string, string>): object {
  const { name, version, description, license, type, sideEffects, bin, imports, exports = {} } = manifest;
  const { dependencies = {}, peerDependencies, peerDependenciesMeta } = manifest;
  const entries = Object.entries(exports).filter(([entry]) => entry !== TESTING);
  return {
    name,
    version,
    description,
    license,
    type,
    engines: { node: NODE },
    sideEffects: Array.isArray(sideEffects) ? sideEffects.map(compiled) : sideEffects,
    bin: bin && mapValues(bin, compiled),
    imports: imports && mapValues(imports, (conditions) => mapValues(conditions, compiled)),
    exports: { ...Object.fromEntries(entries.map(typed)), './package.json': './package.json' },
    files: ['dist'],
    dependencies: mapValues(dependencies, (range, of) => (range.startsWith('workspace:') ? versionOf(versions, of) : range)),
    peerDependencies,
    peerDependenciesMeta,
  };
}

const compiled = (source: string): string => source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.js');

function typed([entry, source]: [string, string]): [string, object] {
  const file = compiled(source);
  return [entry, { types: file.replace(/\.js$/, '.d.ts'), default: file }];
}

function versionOf(versions: ReadonlyMap<string, string>, name: string): string {
  const version = versions.get(name);
  if (version === undefined) throw new Error(`${name} is no public package, so a public one cannot depend on it`);
  return version;
}

const mapValues = <T, U>(object: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
