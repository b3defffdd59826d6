// SPDX-License-Identifier: Apache-2.0

import type { Duration } from './generated/google/protobuf/duration.js';
import type { Timestamp } from './generated/google/protobuf/timestamp.js';

const NANOS_PER_MS = 1_000_000;

/** The timestamp as a Date, which has whole milliseconds: what is finer is cut off. */
export function toDate(timestamp: Timestamp): Date {
  return new Date(Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / NANOS_PER_MS));
}

/** The Date as a timestamp. */
export function toTimestamp(date: Date): Timestamp {
  const ms = date.getTime();
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * NANOS_PER_MS };
}

/** The duration in milliseconds, with a fraction where it has one. */
export function toMilliseconds(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / NANOS_PER_MS;
}

/** So many milliseconds as a duration. */
export function fromMilliseconds(ms: number): Duration {
  const seconds = Math.trunc(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * NANOS_PER_MS) };
}
