import { merklePathHashesMax, noteBytesMax, noteSignaturesMax } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519PublicKey } from '#crypto';
import { fromBase64, toBase64, utf8 } from '../bytes.ts';
import { hashLeaf } from '../merkle/hash.ts';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { cosignNote } from '../testing/cosign.ts';
import { openNote, signNote } from './note.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';
import { formatVkey, makeVkey, NOTE_COSIGNATURE, NOTE_ED25519, parseVkey } from './vkey.ts';

const code = (name: string) => expect.objectContaining({ code: name });
const format = code('CHECKPOINT_FORMAT');

// The example of the signed-note specification, and that of the Go package it comes from.
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE_NOTE =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_SEED = fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz').subarray(1);
const GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_NOTE = `${GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

// A checkpoint of a staging log of Certificate Transparency as its witnesses cosigned it, with the keys that their
// operators publish. Its first line is an RFC 6962 signature (type 0x05), which we do not read.
const PUBLIC_NOTE = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
const PUBLIC_KEYS = [
  'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f',
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
];

const seed = new Uint8Array(32).fill(1);
const publicKey = ed25519PublicKey(seed);
const origin = 'tributary/notes@00000000000000000000000000000000';
const log = makeVkey({ name: origin, publicKey, type: NOTE_ED25519 });
const witnessSeed = new Uint8Array(32).fill(2);
const witness = makeVkey({ name: 'witness.example/w1', publicKey: ed25519PublicKey(witnessSeed), type: NOTE_COSIGNATURE });
const root = hashLeaf(utf8('root'));
const checkpoint = { origin, size: 42, root };
const note = signCheckpoint({ ...checkpoint, seed });
const cosigned = cosignNote({ note, name: witness.name, seed: witnessSeed, timestamp: 1_679_315_147 });

describe('verifier keys', () => {
  it('of the published examples are read and written back', () => {
    for (const text of [EXAMPLE_KEY, GO_KEY]) expect(formatVkey(parseVkey(text))).toBe(text);
    expect(parseVkey(GO_KEY)).toEqual({ ...parseVkey(GO_KEY), name: 'PeterNeumann', type: NOTE_ED25519, keyId: 'c74f20a3' });
    expect(parseVkey(formatVkey(witness))).toEqual(witness);
  });

  it('are refused when cut or altered anywhere', () => {
    for (let from = 0; from <= GO_KEY.length; from++)
      for (let to = from; to <= GO_KEY.length; to++)
        if (to - from < GO_KEY.length) expect(() => parseVkey(GO_KEY.slice(from, to))).toThrow(format);
    for (let at = 0; at < GO_KEY.length; at++) {
      const altered = GO_KEY.slice(0, at) + String.fromCharCode(GO_KEY.charCodeAt(at) + 1) + GO_KEY.slice(at + 1);
      expect(() => parseVkey(altered)).toThrow(format);
    }
  });

  it('are refused for other types, invalid names, and keys of low order', () => {
    const identity = Uint8Array.of(1, ...new Uint8Array(31));
    expect(() => parseVkey(formatVkey({ name: 'a', type: NOTE_ED25519, publicKey: identity }))).toThrow(format);
    const material = toBase64(Uint8Array.of(2, ...publicKey));
    expect(() => parseVkey(`a+00000000+${material}`)).toThrow(format);
    for (const name of ['', 'a b', 'a+b', 'a\u2003b', 'a\u0000', '\ud800'])
      expect(() => makeVkey({ name, publicKey, type: NOTE_ED25519 })).toThrow(TypeError);
    expect(() => makeVkey({ name: 'a', publicKey: identity.subarray(1), type: NOTE_ED25519 })).toThrow(TypeError);
  });
});

describe('signed notes', () => {
  it('of the published examples open', () => {
    expect(openNote(EXAMPLE_NOTE, [parseVkey(EXAMPLE_KEY)]).text).toBe('This is an example message.\n');
    expect(openNote(GO_NOTE, [parseVkey(GO_KEY)]).text).toBe(GO_TEXT);
  });

  it('are written byte for byte as other implementations write them', () => {
    expect(signNote({ text: GO_TEXT, name: 'PeterNeumann', seed: GO_SEED })).toBe(GO_NOTE);
  });

  it('open for every text and for no altered one', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/\p{Cc}/gu, ''));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), fc.nat(), (lines, at) => {
        const text = `${lines.join('\n')}\n`;
        const signed = signNote({ text, name: 'a', seed });
        const key = makeVkey({ name: 'a', publicKey, type: NOTE_ED25519 });
        expect(openNote(signed, [key])).toMatchObject({ text, unknown: 0, verified: [{ name: 'a', type: NOTE_ED25519 }] });
        const place = at % signed.length;
        const altered = signed.slice(0, place) + signed.slice(place + 1);
        if (altered !== signed) expect(() => openNote(altered, [key])).toThrow(/note/);
      }),
      { numRuns: 50 },
    );
  });

  it('count and ignore lines of unknown keys, also those that share a name or an id with a known one', () => {
    const other = makeVkey({ name: origin, publicKey: witness.publicKey, type: NOTE_ED25519 });
    expect(openNote(cosigned, [log])).toMatchObject({ unknown: 1, verified: [{ name: origin }] });
    expect(openNote(note, [other, log])).toMatchObject({ unknown: 0 });
    expect(() => openNote(note, [other])).toThrow(code('CHECKPOINT_SIGNATURE'));
    expect(() => openNote(note, [{ ...other, keyId: log.keyId }])).toThrow(code('CHECKPOINT_SIGNATURE'));
    expect(() => openNote(note, [])).toThrow(code('CHECKPOINT_SIGNATURE'));
  });

  it('are refused as a whole when one signature of a known key is wrong', () => {
    const wrong = cosigned.replace('42', '43');
    const twice = `${note}${cosigned.split('\n').at(-2)!}\n`.replace(/(w1 .{20})./, '$1A');
    expect(() => openNote(wrong, [log, witness])).toThrow(code('CHECKPOINT_SIGNATURE'));
    expect(() => openNote(wrong, [witness])).toThrow(code('COSIGNATURE'));
    expect(() => openNote(twice, [log, witness])).toThrow(code('COSIGNATURE'));
  });

  it('report a key that signed twice once', () => {
    const again = note + note.slice(note.indexOf('—'));
    expect(openNote(again, [log]).verified).toHaveLength(1);
  });

  it.each([
    ['no blank line', GO_NOTE.replace('\n\n', '\n')],
    ['no final newline', GO_NOTE.slice(0, -1)],
    ['no signature', `${GO_TEXT}\n`],
    ['carriage returns', GO_NOTE.replaceAll('\n', '\r\n')],
    ['a tab', GO_NOTE.replace('you think', 'you\tthink')],
    ['a hyphen for the dash', GO_NOTE.replace('—', '-')],
    ['two spaces', GO_NOTE.replace('— ', '—  ')],
    ['base64 without padding', GO_NOTE.replace('=\n', '\n')],
    ['base64 with stray bits', GO_NOTE.replace('AM=', 'AN=')],
    ['a key id alone', `${GO_TEXT}\n— PeterNeumann x08gow==\n`],
    ['a lone surrogate', GO_NOTE.replace('think', '\ud800')],
    ['too many lines', GO_NOTE + GO_NOTE.slice(GO_NOTE.indexOf('—')).repeat(noteSignaturesMax)],
    ['too many bytes', `${'é'.repeat(8_200)}\n${GO_NOTE}`],
  ])('are refused with %s', (_, text) => {
    expect(() => openNote(text, [parseVkey(GO_KEY)])).toThrow(format);
  });

  it('open with exactly as many bytes and signatures as are allowed', () => {
    const most = GO_NOTE + GO_NOTE.slice(GO_NOTE.indexOf('—')).repeat(noteSignaturesMax - 1);
    expect(openNote(most, [parseVkey(GO_KEY)]).verified).toHaveLength(1);
    const key = makeVkey({ name: 'a', publicKey, type: NOTE_ED25519 });
    const least = utf8(signNote({ text: '\n', name: 'a', seed })).length;
    const signed = (more: number) => signNote({ text: `${'x'.repeat(noteBytesMax - least + more)}\n`, name: 'a', seed });
    expect(openNote(signed(0), [key]).verified).toHaveLength(1);
    expect(() => openNote(signed(1), [key])).toThrow(format);
  });

  it('are not made of texts that cannot be notes', () => {
    for (const text of ['', 'a', 'a\t\n', '\ud800\n']) expect(() => signNote({ text, name: 'a', seed })).toThrow(TypeError);
  });
});

describe('checkpoints', () => {
  it('survive a round trip', () => {
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(openCheckpoint({ note, origin, publicKey })).toEqual({
      ...checkpoint,
      unknown: 0,
      verified: [{ name: origin, type: NOTE_ED25519, publicKey }],
    });
  });

  it('of another log, or signed by a witness alone, are refused', () => {
    const foreign = signNote({ text: formatCheckpoint({ ...checkpoint, origin: 'other' }), name: origin, seed });
    expect(() => openCheckpoint({ note: foreign, origin, publicKey })).toThrow(code('CHECKPOINT_ORIGIN'));
    const alone = cosigned.replace(/— tributary.*\n/, '');
    expect(() => openCheckpoint({ note: alone, origin, publicKey, witnesses: [witness] })).toThrow(code('CHECKPOINT_SIGNATURE'));
    const other = makeVkey({ name: 'other', publicKey: witness.publicKey, type: NOTE_ED25519 });
    const byOther = signNote({ text: formatCheckpoint(checkpoint), name: 'other', seed: witnessSeed });
    expect(() => openCheckpoint({ note: byOther, origin, publicKey, witnesses: [other] })).toThrow(code('CHECKPOINT_SIGNATURE'));
    const cosigner = cosignNote({ note, name: origin, seed: witnessSeed, timestamp: 1 }).replace(/— tributary.*\n/, '');
    const namesake = makeVkey({ name: origin, publicKey: witness.publicKey, type: NOTE_COSIGNATURE });
    expect(() => openCheckpoint({ note: cosigner, origin, publicKey, witnesses: [namesake] })).toThrow(
      code('CHECKPOINT_SIGNATURE'),
    );
  });

  const base64 = toBase64(root);
  it.each([
    ['a leading zero', `o\n042\n${base64}\n`],
    ['a sign', `o\n+42\n${base64}\n`],
    ['a fraction', `o\n4.2\n${base64}\n`],
    ['no size', `o\n\n${base64}\n`],
    ['a size beyond 2^53', `o\n9007199254740992\n${base64}\n`],
    ['no origin', `\n42\n${base64}\n`],
    ['a short hash', `o\n42\n${toBase64(root.subarray(1))}\n`],
    ['a hash without padding', `o\n42\n${base64.slice(0, -1)}\n`],
    ['an extension line', `o\n42\n${base64}\nmore\n`],
    ['an empty extension line', `o\n42\n${base64}\n\n`],
    ['no final newline', `o\n42\n${base64}`],
    ['carriage returns', `o\r\n42\r\n${base64}\r\n`],
  ])('are refused with %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(format);
  });
});

describe('cosignatures', () => {
  it('tell when the witness saw the checkpoint', () => {
    const opened = openCheckpoint({ note: cosigned, origin, publicKey, witnesses: [witness] });
    expect(opened.verified[1]).toEqual({ ...opened.verified[1], name: witness.name, timestamp: 1_679_315_147 });
  });

  it('of four public witnesses on a checkpoint of a public log verify', () => {
    const opened = openNote(PUBLIC_NOTE, PUBLIC_KEYS.map(parseVkey));
    expect(parseCheckpoint(opened.text)).toMatchObject({
      origin: 'arche2025h1.staging.ct.transparency.dev',
      size: 1_432_088_532,
    });
    expect(opened.verified.map(({ timestamp }) => timestamp)).toEqual([undefined, ...Array(4).fill(1_779_573_024)]);
    expect(opened.unknown).toBe(1);
  });

  it('cannot be replaced by a plain signature, nor take its place', () => {
    const plain = signNote({ text: formatCheckpoint(checkpoint), name: witness.name, seed: witnessSeed });
    const posing = toBase64(
      Uint8Array.of(...fromHexId(witness.keyId), ...fromBase64(plain.trimEnd().split(' ').at(-1)!).subarray(4)),
    );
    expect(() => openNote(`${note}— ${witness.name} ${posing}\n`, [log, witness])).toThrow(code('COSIGNATURE'));
    const asLog = { ...log, type: NOTE_COSIGNATURE } as const;
    expect(() => openNote(note, [asLog])).toThrow(code('COSIGNATURE'));
  });

  it('with a time beyond 2^53 are refused', () => {
    const bytes = fromBase64(cosigned.trimEnd().split(' ').at(-1)!);
    bytes[4] = 0xff;
    expect(() => openNote(`${note}— ${witness.name} ${toBase64(bytes)}\n`, [log, witness])).toThrow(code('COSIGNATURE'));
  });
});

describe('tlog-proofs', () => {
  const proof = { index: 7, path: [root, hashLeaf(root)], checkpoint: cosigned };
  const text = formatTlogProof(proof);

  it('survive a round trip, with and without a path', () => {
    expect(parseTlogProof(text)).toEqual(proof);
    expect(parseTlogProof(formatTlogProof({ ...proof, path: [] }))).toEqual({ ...proof, path: [] });
    const longest = { ...proof, path: Array.from({ length: merklePathHashesMax }, () => root) };
    expect(parseTlogProof(formatTlogProof(longest))).toEqual(longest);
    const filled = text + 'x'.repeat(noteBytesMax - text.length);
    expect(parseTlogProof(filled).checkpoint).toHaveLength(filled.length - text.indexOf('\n\n') - 2);
    expect(text.split('\n').slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', 'index 7', toBase64(root)]);
  });

  it.each([
    ['another version', text.replace('@v1', '@v2')],
    ['extra data', text.replace('index', 'extra AAAA\nindex')],
    ['no index', text.replace('index 7\n', '')],
    ['another word for the index', text.replace('index 7', 'indez 7')],
    ['a leading zero', text.replace('index 7', 'index 07')],
    ['two indexes', text.replace('index 7', 'index 7\nindex 7')],
    ['a short hash', text.replace(toBase64(root), 'AAAA')],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n'))],
    ['too many hashes', formatTlogProof({ ...proof, path: Array.from({ length: 49 }, () => root) })],
    ['too many bytes', text + '\n'.repeat(16_384)],
  ])('are refused with %s', (_, altered) => {
    expect(() => parseTlogProof(altered)).toThrow(format);
  });
});

function fromHexId(keyId: string): number[] {
  return [0, 2, 4, 6].map((at) => Number.parseInt(keyId.slice(at, at + 2), 16));
}
