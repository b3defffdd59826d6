// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOnThisMachine } from '#internal/target.js';

const HERE = [
  'localhost',
  'localhost:50051',
  'LOCALHOST:50051',
  '127.0.0.1:50051',
  '127.1.2.3:1',
  '[::1]:50051',
  'dns:///localhost:50051',
  'dns:127.0.0.1:50051',
  'ipv4:127.0.0.1:50051,127.0.0.2:50051',
  'ipv6:[::1]:50051',
  'unix:/run/wirepas-grpcd.sock',
  'unix:relative.sock',
  'unix-abstract:name',
];

const ELSEWHERE = [
  'service.example:50051',
  'localhost.example:50051',
  '127.0.0.1.example:50051',
  '10.0.0.1:50051',
  '128.0.0.1:50051',
  '0.0.0.0:50051',
  '[2001:db8::1]:50051',
  '[::]:50051',
  'dns:///service.example:50051',
  'dns://127.0.0.1/service.example:50051',
  'dns://8.8.8.8/localhost:50051',
  'ipv4:127.0.0.1:50051,10.0.0.1:50051',
  '',
];

void test('targets on this machine', () => {
  for (const target of HERE) assert.equal(isOnThisMachine(target), true, target);
});

void test('targets elsewhere', () => {
  for (const target of ELSEWHERE) {
    assert.equal(isOnThisMachine(target), false, target);
  }
});
