import { z } from 'zod';
import {
  FRAME,
  answerBytesMax,
  answerHead,
  askHead,
  callHead,
  creditHead,
  frameBytesMax,
  frameHeadBytesMax,
  helloHead,
  parseStrict,
  refusalHead,
  requestBytesMax,
  resultHead,
  type FrameType,
} from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { callHeadBytesMax, controlHeadBytesMax, frameBufferBytesStart, refusalHeadBytesMax } from './limits.ts';

const cancelHead = z.strictObject({});

/** Type, id and head length: what `length` counts besides head and body. */
const COUNTED_BYTES = 13;
/** The length field and the counted fields before the head. */
const PREFIX_BYTES = 4 + COUNTED_BYTES;
const NO_BYTES = new Uint8Array(0);

const HEADS = {
  [FRAME.hello]: helloHead,
  [FRAME.ask]: askHead,
  [FRAME.answer]: answerHead,
  [FRAME.refusal]: refusalHead,
  [FRAME.call]: callHead,
  [FRAME.result]: resultHead,
  [FRAME.credit]: creditHead,
  [FRAME.cancel]: cancelHead,
} as const;

const NAMES = Object.fromEntries(Object.entries(FRAME).map(([name, type]) => [type, name]));

const BOUNDS: Record<FrameType, { readonly head: number; readonly body: number }> = {
  [FRAME.hello]: { head: controlHeadBytesMax, body: 0 },
  [FRAME.ask]: { head: frameHeadBytesMax, body: requestBytesMax },
  [FRAME.answer]: { head: frameHeadBytesMax, body: answerBytesMax },
  [FRAME.refusal]: { head: refusalHeadBytesMax, body: 0 },
  [FRAME.call]: { head: callHeadBytesMax, body: 0 },
  // A directory or a list of writes is longer than any ticket, so only the frame limits it.
  [FRAME.result]: { head: frameBytesMax, body: 0 },
  [FRAME.credit]: { head: controlHeadBytesMax, body: 0 },
  [FRAME.cancel]: { head: controlHeadBytesMax, body: 0 },
};

export type HeadOf<T extends FrameType> = z.output<(typeof HEADS)[T]>;

/** The content of the first 17 bytes of a frame. */
export interface FrameHeader {
  readonly type: FrameType;
  /** 0 for hello and credit, which belong to no request. */
  readonly id: number;
  readonly headBytes: number;
  readonly bodyBytes: number;
  /** The whole frame on the wire with its length field. Windows count these bytes. */
  readonly bytes: number;
}

export type Frame = {
  readonly [T in FrameType]: FrameHeader & { readonly type: T; readonly head: HeadOf<T>; readonly body: Uint8Array };
}[FrameType];
export type FrameOf<T extends FrameType> = Extract<Frame, { type: T }>;

/** A frame ready to be written: its prefix and head in one buffer, its body unchanged. */
export interface EncodedFrame {
  readonly prefix: Uint8Array;
  readonly body: Uint8Array;
  readonly bytes: number;
}

/**
 * Encodes one frame. The head is trusted to match its schema.
 * @throws ClientError LINK_LIMIT when head, body or frame is longer than the peer would accept
 */
export function encodeFrame<T extends FrameType>(
  type: T,
  id: number,
  head: HeadOf<T>,
  body: Uint8Array = NO_BYTES,
): EncodedFrame {
  const json = JSON.stringify(head);
  const headBytes = Buffer.byteLength(json);
  const bytes = PREFIX_BYTES + headBytes + body.length;
  checkBounds(type, headBytes, body.length);
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES + headBytes);
  prefix.writeUInt32BE(bytes - 4, 0);
  prefix[4] = type;
  prefix.writeUInt32BE(Math.floor(id / 2 ** 32), 5);
  prefix.writeUInt32BE(id % 2 ** 32, 9);
  prefix.writeUInt32BE(headBytes, 13);
  prefix.write(json, PREFIX_BYTES, 'utf8');
  return { prefix, body, bytes };
}

export interface FrameDecoder {
  /**
   * Takes the next bytes of the stream, cut anywhere.
   * @throws ClientError LINK_PROTOCOL or LINK_LIMIT; after that every push throws the same
   */
  push(chunk: Uint8Array): void;
  /** Bytes held of an incomplete frame. */
  readonly heldBytes: number;
}

/** A frame whose head has not been parsed. */
export interface RawFrame extends FrameHeader {
  readonly content: Uint8Array;
}

/** Receives the frames. An error that a function throws ends the stream. */
export interface FrameListener {
  /** Called before the rest of the frame is read, so that frames that nobody waits for are never buffered. */
  header?(header: FrameHeader): void;
  /**
   * Takes asks and calls before their heads are parsed. Parsing costs time, and a peer that sends a thousand must wait
   * for it.
   */
  request?(raw: RawFrame): void;
  frame(frame: Frame): void;
}

/**
 * Reads frames incrementally. A body that arrives in one chunk is a view of it; others are copied once, or twice while
 * the buffer grows.
 */
export function createFrameDecoder(listener: FrameListener): FrameDecoder {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  let prefixFilled = 0;
  let header: FrameHeader | undefined;
  let rest = NO_BYTES;
  let restFilled = 0;
  let broken: Error | undefined;

  /** Consumes what it can from `chunk` at `offset` and returns the offset after it. */
  const step = (chunk: Uint8Array, offset: number): number => {
    const available = chunk.length - offset;
    if (header === undefined) {
      const taken = Math.min(PREFIX_BYTES - prefixFilled, available);
      prefix.set(chunk.subarray(offset, offset + taken), prefixFilled);
      prefixFilled += taken;
      if (prefixFilled === PREFIX_BYTES) {
        header = readHeader(prefix);
        prefixFilled = 0;
        listener.header?.(header);
      }
      return offset + taken;
    }
    const total = header.headBytes + header.bodyBytes;
    const taken = Math.min(total - restFilled, available);
    const piece = chunk.subarray(offset, offset + taken);
    if (taken < total) {
      rest = grown(rest, restFilled, restFilled + taken, total);
      rest.set(piece, restFilled);
      restFilled += taken;
    }
    if (taken === total || restFilled === total) {
      const raw = { ...header, content: taken === total ? piece : rest };
      header = undefined;
      rest = NO_BYTES;
      restFilled = 0;
      if (listener.request && (raw.type === FRAME.ask || raw.type === FRAME.call)) listener.request(raw);
      else listener.frame(readFrame(raw));
    }
    return offset + taken;
  };

  return {
    push(chunk) {
      if (broken !== undefined) throw broken;
      try {
        for (let offset = 0; offset < chunk.length;) offset = step(chunk, offset);
      } catch (error) {
        rest = NO_BYTES;
        broken = error instanceof Error ? error : new ClientError('LINK_PROTOCOL', String(error));
        throw broken;
      }
    },
    get heldBytes() {
      return prefixFilled + rest.length;
    },
  };
}

function readHeader(prefix: Buffer): FrameHeader {
  const length = prefix.readUInt32BE(0);
  if (length > frameBytesMax) throw new ClientError('LINK_LIMIT', `frame of ${length} bytes; at most ${frameBytesMax}`);
  const type = prefix[4]!;
  if (!isFrameType(type)) throw new ClientError('LINK_PROTOCOL', `frame type ${type} is unknown`);
  const id = prefix.readUInt32BE(5) * 2 ** 32 + prefix.readUInt32BE(9);
  const headBytes = prefix.readUInt32BE(13);
  const bodyBytes = length - COUNTED_BYTES - headBytes;
  const name = NAMES[type];
  if (bodyBytes < 0) throw new ClientError('LINK_PROTOCOL', `${name} frame is shorter than its head`);
  // The shortest JSON object has two bytes. A frame without a head would also never complete a read.
  if (headBytes < 2) throw new ClientError('LINK_PROTOCOL', `${name} frame has no head`);
  const ofLink = type === FRAME.hello || type === FRAME.credit;
  if (!Number.isSafeInteger(id) || ofLink !== (id === 0)) throw new ClientError('LINK_PROTOCOL', `${name} frame with id ${id}`);
  checkBounds(type, headBytes, bodyBytes);
  return { type, id, headBytes, bodyBytes, bytes: length + 4 };
}

/**
 * Parses the head of a frame.
 *
 * @throws ClientError LINK_PROTOCOL
 */
export function readFrame({ content, ...header }: RawFrame): Frame {
  const what = `head of a ${NAMES[header.type]} frame`;
  const body = content.subarray(header.headBytes);
  try {
    const head = parseStrict(HEADS[header.type], content.subarray(0, header.headBytes), what, BOUNDS[header.type].head);
    return { ...header, head, body } as Frame;
  } catch (cause) {
    throw new ClientError('LINK_PROTOCOL', cause instanceof Error ? cause.message : `${what} is unreadable`, { cause });
  }
}

function checkBounds(type: FrameType, headBytes: number, bodyBytes: number): void {
  const bound = BOUNDS[type];
  const fits = headBytes <= bound.head && bodyBytes <= bound.body && COUNTED_BYTES + headBytes + bodyBytes <= frameBytesMax;
  if (fits) return;
  const most = `at most ${bound.head} and ${bound.body}, together ${frameBytesMax - COUNTED_BYTES}`;
  throw new ClientError(
    'LINK_LIMIT',
    `${NAMES[type]} frame with a head of ${headBytes} bytes and a body of ${bodyBytes}; ${most}`,
  );
}

function isFrameType(type: number): type is FrameType {
  return Object.hasOwn(HEADS, type);
}

/**
 * A buffer for `needed` of `total` bytes. It doubles, so that memory follows what has arrived, not what was announced.
 */
function grown(buffer: Uint8Array<ArrayBuffer>, filled: number, needed: number, total: number): Uint8Array<ArrayBuffer> {
  if (needed <= buffer.length) return buffer;
  // Not zeroed: every byte is written before the frame is read.
  const larger = Buffer.allocUnsafeSlow(Math.min(total, Math.max(frameBufferBytesStart, buffer.length * 2, needed)));
  larger.set(buffer.subarray(0, filled));
  return larger;
}
