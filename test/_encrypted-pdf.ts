// A PDF of one page that opens with a password only (AES-256, revision 5 of the standard security handler), because no
// library in the tree writes one.
import { createCipheriv, createHash, randomBytes } from 'node:crypto';

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const hex = (bytes: Uint8Array): string => `<${Buffer.from(bytes).toString('hex')}>`;

export function encryptedPdf(text: string, password: string): Uint8Array {
  const key = randomBytes(32);
  const content = encrypted(`BT /F1 12 Tf 72 700 Td (${text}) Tj ET`, key);
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Count 1/Kids[4 0 R]>>',
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents 5 0 R>>',
    `<</Length ${content.length}>>stream\n${content.toString('latin1')}\nendstream`,
    security(password, key),
  ];
  let file = '%PDF-1.7\n';
  const offsets = objects.map((object, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const id = hex(randomBytes(16));
  const trailer = `<</Size ${objects.length + 1}/Root 1 0 R/Encrypt 6 0 R/ID[${id}${id}]>>`;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer${trailer}\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

function encrypted(text: string, key: Uint8Array): Buffer {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(text, 'latin1'), cipher.final()]);
}

/** The key under the password of a reader and under that of an owner whom nobody knows. */
function security(password: string, key: Uint8Array): string {
  const none = new Uint8Array(0);
  const [u, ue] = entry(Buffer.from(password), none, key);
  const [o, oe] = entry(randomBytes(16), u, key);
  const plain = Buffer.concat([Buffer.from([0xfc, ...Array<number>(7).fill(0xff)]), Buffer.from('Tadb'), randomBytes(4)]);
  const permissions = sealed('aes-256-ecb', key, null, plain);
  return `<</Filter/Standard/V 5/R 5/Length 256/P -4/EncryptMetadata true/StmF/StdCF/StrF/StdCF/CF<</StdCF<</AuthEvent/DocOpen/CFM/AESV3/Length 32>>>>/U${hex(u)}/UE${hex(ue)}/O${hex(o)}/OE${hex(oe)}/Perms${hex(permissions)}>>`;
}

function entry(password: Uint8Array, bound: Uint8Array, key: Uint8Array): [Buffer, Buffer] {
  const [validation, keySalt] = [randomBytes(8), randomBytes(8)];
  const check = Buffer.concat([sha256(password, validation, bound), validation, keySalt]);
  return [check, sealed('aes-256-cbc', sha256(password, keySalt, bound), Buffer.alloc(16), key)];
}

function sealed(algorithm: string, key: Uint8Array, iv: Uint8Array | null, plain: Uint8Array): Buffer {
  const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}
