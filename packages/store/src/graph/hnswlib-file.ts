import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { graphReadBytes } from '../limits.ts';

/** One node of the lowest layer of a graph file. `vector` is overwritten by the next node. */
export interface FileNode {
  label: number;
  dead: boolean;
  vector: Float32Array;
}

/** Sizes at the head of a file of hnswlib 0.8 on a 64-bit little-endian machine: `saveIndex` in hnswalg.h. */
interface Head {
  nodes: number;
  nodeBytes: number;
  labelAt: number;
  vectorAt: number;
}

const HEAD_BYTES = 96;
const DEAD_BIT = 1;

/**
 * Number of nodes of a graph file. Null when the file does not exist, is too short, or is not a graph of this dimension
 * and `M`.
 */
export function countFileNodes(path: string, dimension: number, M: number): number | null {
  if (!existsSync(path)) return null;
  const file = openSync(path, 'r');
  try {
    return readHead(file, dimension, M)?.nodes ?? null;
  } finally {
    closeSync(file);
  }
}

/**
 * Calls `visit` for each node of a graph file without loading the graph. Returns false, with no node visited, when the
 * file is too short or not a graph of this dimension and `M`.
 *
 * @throws Error when the file cannot be read
 */
export function visitGraphFile(path: string, dimension: number, M: number, visit: (node: FileNode) => void): boolean {
  const file = openSync(path, 'r');
  try {
    const head = readHead(file, dimension, M);
    if (head === null) return false;
    const most = Math.max(1, Math.floor(graphReadBytes / head.nodeBytes));
    const buffer = new ArrayBuffer(most * head.nodeBytes);
    for (let first = 0; first < head.nodes; first += most) {
      const nodes = Math.min(most, head.nodes - first);
      if (!readFully(file, new Uint8Array(buffer, 0, nodes * head.nodeBytes), HEAD_BYTES + first * head.nodeBytes)) return false;
      for (let node = 0; node < nodes; node += 1) visit(nodeAt(buffer, node * head.nodeBytes, head, dimension));
    }
    return true;
  } finally {
    closeSync(file);
  }
}

function readHead(file: number, dimension: number, M: number): Head | null {
  const bytes = new Uint8Array(HEAD_BYTES);
  if (!readFully(file, bytes, 0)) return null;
  const view = new DataView(bytes.buffer);
  const size = (at: number): number => Number(view.getBigUint64(at, true));
  const [linksAt, nodes, nodeBytes, labelAt, vectorAt] = [size(0), size(16), size(24), size(32), size(40)];
  // A node: number of links and flags (4 bytes), 2 M links, the vector, the label (8 bytes).
  const vectorStart = 4 + 8 * M;
  const fits =
    linksAt === 0 &&
    vectorAt === vectorStart &&
    labelAt === vectorStart + 4 * dimension &&
    nodeBytes === labelAt + 8 &&
    size(64) === 2 * M &&
    HEAD_BYTES + nodes * nodeBytes <= fstatSync(file).size;
  return fits ? { nodes, nodeBytes, labelAt, vectorAt } : null;
}

function nodeAt(buffer: ArrayBuffer, from: number, head: Head, dimension: number): FileNode {
  const bytes = new DataView(buffer, from, head.nodeBytes);
  return {
    label: bytes.getUint32(head.labelAt, true),
    dead: (bytes.getUint8(2) & DEAD_BIT) !== 0,
    vector: new Float32Array(buffer, from + head.vectorAt, dimension),
  };
}

function readFully(file: number, into: Uint8Array, position: number): boolean {
  for (let done = 0; done < into.length;) {
    const read = readSync(file, into, done, into.length - done, position + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}
