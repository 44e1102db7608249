import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// A cross-encoder that is small enough to write down, because none is published where tests may fetch it: its score is
// the share of the question's words that the text has, too. It runs in onnxruntime like any other.

/** Ids below are special tokens of BERT. */
const LAST_SPECIAL_ID = 103;
/** The logit of no common word, and of all words in common. */
const LOGITS: readonly [number, number] = [-4, 4];

/**
 * Writes it in the layout of the Hugging Face hub, with the tokenizer of another model.
 *
 * @param classes 1: one logit; 2: two, whose difference it is
 */
export async function writeCrossEncoder(
  folder: string,
  tokenizerFolder: string,
  { name = 'test/overlap', classes = 1 }: { name?: string; classes?: 1 | 2 } = {},
): Promise<void> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) await copyFile(join(tokenizerFolder, file), join(folder, file));
  const labels = Object.fromEntries(Array.from({ length: classes }, (_, at) => [at, `LABEL_${at}`]));
  const config = { _name_or_path: name, model_type: 'bert', architectures: ['BertForSequenceClassification'] };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 512, id2label: labels }));
  await writeFile(join(folder, 'onnx', 'model.onnx'), modelOf(classes));
}

/** The share of the question's words in the text, as the model computes it, to a score. */
export const overlapScore = (share: number): number => 1 / (1 + Math.exp(-(LOGITS[0] + share * (LOGITS[1] - LOGITS[0]))));

const [FLOAT, INT64] = [1, 7] as const;
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];

function modelOf(classes: 1 | 2): Uint8Array {
  const numbers = { special: LAST_SPECIAL_ID, one: 1, low: LOGITS[0], range: LOGITS[1] - LOGITS[0], half: 0.5 };
  const nodes = [
    // Which tokens are words, and of which part.
    node('Cast', ['input_ids'], 'ids', ['to', FLOAT]),
    node('Greater', ['ids', 'special'], 'is_word'),
    node('Cast', ['is_word'], 'word_ids', ['to', FLOAT]),
    node('Cast', ['attention_mask'], 'mask', ['to', FLOAT]),
    node('Mul', ['word_ids', 'mask'], 'words'),
    node('Cast', ['token_type_ids'], 'types', ['to', FLOAT]),
    node('Mul', ['words', 'types'], 'of_text'),
    node('Sub', ['one', 'types'], 'not_types'),
    node('Mul', ['words', 'not_types'], 'of_question'),
    // Which words of the question are in the text.
    node('Unsqueeze', ['input_ids', 'axis_2'], 'column'),
    node('Unsqueeze', ['input_ids', 'axis_1'], 'row'),
    node('Equal', ['column', 'row'], 'is_same'),
    node('Cast', ['is_same'], 'same', ['to', FLOAT]),
    node('Unsqueeze', ['of_text', 'axis_1'], 'text_row'),
    node('Mul', ['same', 'text_row'], 'same_in_text'),
    node('ReduceMax', ['same_in_text'], 'in_text', ['axes', [2]], ['keepdims', 0]),
    node('Mul', ['in_text', 'of_question'], 'shared'),
    // Their share.
    node('ReduceSum', ['shared', 'axis_1'], 'shared_count'),
    node('ReduceSum', ['of_question', 'axis_1'], 'count'),
    node('Max', ['count', 'one'], 'count_or_one'),
    node('Div', ['shared_count', 'count_or_one'], 'share'),
    node('Mul', ['share', 'range'], 'above'),
    node('Add', ['above', 'low'], classes === 1 ? 'logits' : 'logit'),
    ...(classes === 1 ? [] : twoClasses()),
  ];
  const graph = [
    ...nodes.map((one) => bytes(1, one)),
    bytes(2, 'overlap'),
    ...Object.entries(numbers).map(([name, value]) => bytes(5, tensor(name, FLOAT, Float32Array.of(value)))),
    ...[1, 2].map((axis) => bytes(5, tensor(`axis_${axis}`, INT64, BigInt64Array.of(BigInt(axis))))),
    ...INPUTS.map((name) => bytes(11, value(name, INT64, ['batch', 'length']))),
    bytes(12, value('logits', FLOAT, ['batch', classes])),
  ];
  const opset = [bytes(1, ''), int(2, 13)];
  return concat([int(1, 8), bytes(7, concat(graph)), bytes(8, concat(opset))]);
}

const twoClasses = () => [
  node('Mul', ['logit', 'half'], 'positive'),
  node('Neg', ['positive'], 'negative'),
  node('Concat', ['negative', 'positive'], 'logits', ['axis', 1]),
];

// The messages of ONNX (onnx.proto) in the wire format of protocol buffers; numbers are those of the fields.

function node(type: string, inputs: string[], output: string, ...attributes: [name: string, value: number | number[]][]) {
  return concat([
    ...inputs.map((name) => bytes(1, name)),
    bytes(2, output),
    bytes(4, type),
    ...attributes.map(([name, given]) => bytes(5, attribute(name, given))),
  ]);
}

function attribute(name: string, given: number | number[]): Uint8Array {
  const [INT, INTS] = [2, 7];
  if (typeof given === 'number') return concat([bytes(1, name), int(3, given), int(20, INT)]);
  return concat([bytes(1, name), ...given.map((one) => int(8, one)), int(20, INTS)]);
}

/** One number, as a tensor of rank 1. */
function tensor(name: string, type: number, data: Float32Array | BigInt64Array): Uint8Array {
  return concat([int(1, data.length), int(2, type), bytes(8, name), bytes(9, new Uint8Array(data.buffer))]);
}

function value(name: string, type: number, shape: (string | number)[]): Uint8Array {
  const dimensions = shape.map((one) => bytes(1, typeof one === 'number' ? int(1, one) : bytes(2, one)));
  const of = bytes(1, concat([int(1, type), bytes(2, concat(dimensions))]));
  return concat([bytes(1, name), bytes(2, of)]);
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

function bytes(field: number, content: string | Uint8Array): Uint8Array {
  const payload = typeof content === 'string' ? Buffer.from(content) : content;
  return concat([varint(field * 8 + 2), varint(payload.length), payload]);
}

const int = (field: number, number: number): Uint8Array => concat([varint(field * 8), varint(number)]);

function varint(number: number): Uint8Array {
  const out: number[] = [];
  let left = number;
  for (; left > 127; left = Math.floor(left / 128)) out.push((left % 128) + 128);
  return Uint8Array.of(...out, left);
}
