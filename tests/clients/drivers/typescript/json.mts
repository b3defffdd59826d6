// SPDX-License-Identifier: Apache-2.0
// Between the proto3 JSON of the driver's lines and the JSON of the generated code, which has
// lowerCamelCase names, durations as objects, and times cut to milliseconds.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = Record<string, unknown>;

interface Seconds {
  seconds: bigint;
  nanos: number;
}

// Fields of the type google.protobuf.Duration that requests have.
const DURATIONS = new Set([
  'chunk_timeout',
  'delay_between_sinks',
  'diagnostics_interval',
  'initial_delay',
  'max_delay',
  'maximum',
  'minimum',
  'progress_interval',
  'update_interval',
]);
const DURATION = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function isSeconds(value: unknown): value is Seconds {
  return isFields(value) && typeof value.seconds === 'bigint' && 'nanos' in value;
}

function durationFrom(text: string): Json {
  const match = DURATION.exec(text);
  if (!match) throw new TypeError(`not a duration: ${text}`);
  const [, sign = '', seconds = '0', fraction = ''] = match;
  return {
    seconds: sign + seconds,
    nanos: Number(sign + fraction.padEnd(9, '0')),
  };
}

/** Of a request as the driver is given it, what fromJSON() of the generated code reads. */
export function toGenerated(value: Json, name = ''): Json {
  if (Array.isArray(value)) return value.map((item) => toGenerated(item, name));
  if (typeof value === 'string' && DURATIONS.has(name)) return durationFrom(value);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, toGenerated(item, key)]),
  );
}

// As few digits of 0, 3, 6 and 9 as hold it.
function fraction(nanos: number): string {
  const digits = String(Math.abs(nanos)).padStart(9, '0');
  const kept = digits.replace(/(000){1,3}$/, '');
  return kept === '' ? '' : `.${kept}`;
}

export function durationText({ seconds, nanos }: Seconds): string {
  const sign = seconds < 0n || nanos < 0 ? '-' : '';
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction(nanos)}s`;
}

function timestamp({ seconds, nanos }: Seconds): string {
  const whole = new Date(Number(seconds) * 1000).toISOString();
  return whole.replace('.000Z', `${fraction(nanos)}Z`);
}

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * The proto3 JSON of a message: of what toJSON() gave, with the message beside it for what that
 * leaves out. Timestamps are strings there, and durations objects.
 */
export function fromGenerated(json: unknown, message: unknown): unknown {
  if (isSeconds(message)) {
    return typeof json === 'string' ? timestamp(message) : durationText(message);
  }
  if (Array.isArray(json)) {
    const items = message as unknown[];
    return json.map((item, index) => fromGenerated(item, items[index]));
  }
  if (!isFields(json)) return json;
  const fields = message as Fields;
  return Object.fromEntries(
    Object.entries(json).map(([key, item]) => [snakeCase(key), fromGenerated(item, fields[key])]),
  );
}
