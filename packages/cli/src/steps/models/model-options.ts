import { TributaryError } from '@tributary/schemas';
import type { DeviceWish, EndpointOptions } from '@tributary/store';
import { wholeNumber } from '../../arguments.ts';
import { shippedModel } from '../../folders.ts';

/** What `--model` and `--device` say. */
export interface ModelOptions {
  model?: string;
  device: DeviceWish;
}

const ENDPOINT = 'openai:';
const HUB = 'hf:';
/** A week: a timer of Node counts no more than 24 days. */
const MODEL_IDLE_SECONDS_MAX = 604_800;
const OPENAI_URL = 'https://api.openai.com/v1';

export interface ModelPlace {
  modelDirectory: string;
  device: DeviceWish;
  endpoint?: EndpointOptions;
}

/**
 * A folder, `hf:OWNER/NAME` of the Hugging Face hub, or `openai:MODEL` at the endpoint in the environment.
 *
 * @param hub gives the folder of a model of the hub
 * @throws TributaryError USAGE, MODEL_NOT_FOUND
 */
export async function modelOptions(
  { model, device }: ModelOptions,
  env: NodeJS.ProcessEnv,
  hub: (name: string, device: DeviceWish) => Promise<string>,
): Promise<ModelPlace> {
  if (model?.startsWith(HUB) === true) return { modelDirectory: await hub(model.slice(HUB.length), device), device };
  if (model?.startsWith(ENDPOINT) !== true) return { modelDirectory: model ?? shippedModel, device };
  return { modelDirectory: shippedModel, device, endpoint: endpointOf(model, env) };
}

/** @throws TributaryError USAGE */
function endpointOf(model: string, env: NodeJS.ProcessEnv): EndpointOptions {
  const name = model.slice(ENDPOINT.length);
  const baseUrl = env['OPENAI_BASE_URL'] ?? OPENAI_URL;
  const key = env['OPENAI_API_KEY'] ?? null;
  if (name === '')
    throw new TributaryError('USAGE', '--model openai:MODEL needs the name of a model, such as openai:text-embedding-3-small');
  if (key === null && baseUrl === OPENAI_URL)
    throw new TributaryError('USAGE', `--model ${model} needs a key in $OPENAI_API_KEY, or another endpoint in $OPENAI_BASE_URL`);
  return { baseUrl, key, model: name };
}

/** What `--model-idle` says; without it, the store's own time counts. @throws TributaryError USAGE */
export const modelIdle = (seconds: string | undefined): { modelIdleMs?: number } =>
  seconds === undefined
    ? {}
    : { modelIdleMs: wholeNumber('--model-idle', seconds, { min: 1, max: MODEL_IDLE_SECONDS_MAX }) * 1_000 };

/** US dollars for a million tokens, which only whoever pays knows. @throws TributaryError USAGE */
export function embeddingPrice(env: NodeJS.ProcessEnv): number | null {
  const text = env['TRIBUTARY_EMBEDDING_PRICE'];
  if (text === undefined) return null;
  const price = Number(text);
  if (text.trim() !== '' && price >= 0 && Number.isFinite(price)) return price;
  throw new TributaryError('USAGE', `TRIBUTARY_EMBEDDING_PRICE is '${text}'; give US dollars for a million tokens, such as 0.02`);
}
