import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concat,
  equalBytes,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  toBase64,
  toBase64url,
  toHex,
  u128,
  u16,
  u32,
  u64,
  utf8,
  vectorFromBase64url,
  vectorToBase64url,
} from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('text forms of bytes', () => {
  it("equal Node's, and are read back to the same bytes", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
        expect(toBase64(value)).toBe(Buffer.from(value).toString('base64'));
        expect(toBase64url(value)).toBe(Buffer.from(value).toString('base64url'));
        expect(fromHex(toHex(value))).toEqual(value);
        expect(fromBase64(toBase64(value))).toEqual(value);
        expect(fromBase64url(toBase64url(value))).toEqual(value);
      }),
    );
  });

  it('have one spelling: text that is read is written the same again, or refused', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'ABQgwZaz09-_+/= \n\u0141'.split('')), maxLength: 12 });
    const readers = [
      [fromBase64url, toBase64url],
      [fromBase64, toBase64],
      [fromHex, toHex],
    ] as const;
    let read = 0;
    fc.assert(
      fc.property(fc.constantFrom(...readers), digits, ([decode, encode], text) => {
        let value: Uint8Array;
        try {
          value = decode(text);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        read++;
        expect(encode(value)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
    expect(read).toBeGreaterThan(50);
  });

  it('long base64 is read as strictly as short', () => {
    const values = fc.uint8Array({ minLength: 96, maxLength: 400 });
    const strays = fc.constantFrom(...'+/-_= \n.A\u0141'.split(''));
    fc.assert(
      fc.property(values, fc.nat(), strays, fc.boolean(), (value, place, stray, url) => {
        const [encode, decode] = url ? [toBase64url, fromBase64url] : [toBase64, fromBase64];
        const text = encode(value);
        expect(decode(text)).toEqual(value);
        const at = place % text.length;
        const changed = text.slice(0, at) + stray + text.slice(at + 1);
        const isDigit = stray === 'A' || (url ? '-_' : '+/').includes(stray);
        if (changed === text) return;
        if (isDigit && at < text.length - 4) expect(encode(decode(changed))).toBe(changed);
        if (!isDigit && at < text.length - 4) expect(() => decode(changed)).toThrow(TypeError);
      }),
    );
  });

  it.each(['A', 'AB', 'AAB', 'AA==', 'A A', 'AA+', 'AA/', 'AAAAA', 'AA\u0141'])('base64url refuses %j', (text) => {
    expect(() => fromBase64url(text)).toThrow(TypeError);
  });
  it.each(['AA', 'AB==', 'AAB=', 'AA=', '====', '=', 'A===', 'AA-_', 'AAAA\n', 'AA==AAAA'])('base64 refuses %j', (text) => {
    expect(() => fromBase64(text)).toThrow(TypeError);
  });
  it.each(['0', 'AA', '0x', 'g0', ' 0', '0a\n0'])('hex refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(TypeError);
  });

  it('UTF-8 refuses lone surrogates and malformed bytes, and keeps a byte order mark', () => {
    expect(() => utf8('a\ud800')).toThrow(TypeError);
    expect(() => fromUtf8(Uint8Array.of(0xc0, 0x80))).toThrow(TypeError);
    expect(fromUtf8(utf8('\ufeffé𝄞'))).toBe('\ufeffé𝄞');
  });
});

describe('integers', () => {
  it('are big-endian of fixed width', () => {
    expect(toHex(u16(0x0102))).toBe('0102');
    expect(toHex(u32(0xfffefdfc))).toBe('fffefdfc');
    expect(toHex(u64(2 ** 53 - 1))).toBe('001fffffffffffff');
    expect(toHex(u64((1n << 64n) - 1n))).toBe('ffffffffffffffff');
    expect(toHex(u128(1n << 127n))).toBe('80000000000000000000000000000000');
  });
  it('have the digits of the number, below and above what a float64 holds exactly', () => {
    const size = fc.integer({ min: 0, max: 128 }).map((bits) => (1n << BigInt(bits)) - 1n);
    const values = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), size, fc.constantFrom(2n ** 53n, 2n ** 56n));
    fc.assert(
      fc.property(values, (value) => {
        expect(toHex(u128(value))).toBe(value.toString(16).padStart(32, '0'));
      }),
    );
  });
  it('refuse what does not fit', () => {
    for (const value of [-1, 65_536, 1.5, Number.NaN]) expect(() => u16(value)).toThrow(RangeError);
    for (const value of [-1, 2 ** 32, 1.5]) expect(() => u32(value)).toThrow(RangeError);
    for (const value of [-1n, 1n << 64n, 1.5]) expect(() => u64(value)).toThrow(RangeError);
    for (const value of [-1n, 1n << 128n]) expect(() => u128(value)).toThrow(RangeError);
  });
});

describe('vectors', () => {
  it('keep every bit', () => {
    fc.assert(
      fc.property(fc.array(fc.float(), { minLength: 1, maxLength: 40 }), (values) => {
        const vector = Float32Array.from(values);
        expect(vectorFromBase64url(vectorToBase64url(vector))).toEqual(vector);
      }),
    );
    expect(vectorToBase64url(Float32Array.of(1, -2))).toBe(toBase64url(fromHex('0000803f000000c0')));
    expect(vectorToBase64url(Float32Array.of(9, 1, -2, 9).subarray(1, 3))).toBe(vectorToBase64url(Float32Array.of(1, -2)));
  });
  it('refuse a broken length', () => {
    expect(() => vectorFromBase64url('AAAA')).toThrow(TypeError);
  });
});

it('concat and equalBytes agree', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(equalBytes(concat(a, b), Uint8Array.from([...a, ...b]))).toBe(true);
      expect(equalBytes(a, concat(a, Uint8Array.of(0)))).toBe(false);
    }),
  );
});
