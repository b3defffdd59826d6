// SPDX-License-Identifier: Apache-2.0
// The calls that docs/typescript.md shows.

import { randomBytes } from 'node:crypto';
import {
  ErrorReason,
  GetGatewayInfoRequest,
  IfUnheard,
  RequestOutcome,
  ResultCode,
  type SendMessageResponse,
  type SendMessagesResponse,
  type Sink,
  toMilliseconds,
  type WirepasClient,
  WirepasError,
} from '@wirepas-grpc/client';

export async function allSinks(client: WirepasClient): Promise<Sink[]> {
  const sinks: Sink[] = [];
  let pageToken = '';
  do {
    const page = await client.network.listSinks({ networkAddress: 0x123456, pageToken });
    sinks.push(...page.sinks);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return sinks;
}

export async function send(client: WirepasClient): Promise<void> {
  const { sent } = await client.network.sendMessage({
    sink: { gatewayId: 'sim-gw-0', sinkId: 'sink0' },
    message: {
      destinationAddress: 1,
      sourceEndpoint: 10,
      destinationEndpoint: 10,
      payload: Buffer.from('0102ff', 'hex'),
    },
  });
  const ms = sent?.gatewayTime && toMilliseconds(sent.gatewayTime);
  console.log(`sent as ${sent?.requestId}, the gateway took ${ms ?? '?'} ms`);
}

export async function sendToNode(client: WirepasClient, node: number): Promise<void> {
  const { sink, sent } = await client.network.sendMessage({
    networkAddress: 0x123456,
    ifUnheard: IfUnheard.IF_UNHEARD_ALL_SINKS,
    message: {
      destinationAddress: node,
      sourceEndpoint: 10,
      destinationEndpoint: 10,
      payload: Buffer.from('0102ff', 'hex'),
    },
  });
  console.log(`${sink?.gatewayId}/${sink?.sinkId} took it as ${sent?.requestId}`);
}

export async function sendMany(
  client: WirepasClient,
  payloads: Buffer[],
): Promise<SendMessagesResponse[]> {
  const requests = payloads.map((payload, index) => ({
    correlationId: index,
    request: {
      sink: { gatewayId: 'sim-gw-0', sinkId: 'sink0' },
      message: { destinationAddress: 1, sourceEndpoint: 10, destinationEndpoint: 10, payload },
    },
  }));
  const failed: SendMessagesResponse[] = [];
  for await (const response of client.network.sendMessages(requests)) {
    if (response.error) failed.push(response);
  }
  return failed;
}

export async function sendSafely(
  client: WirepasClient,
  payload: Buffer,
): Promise<SendMessageResponse> {
  const request = {
    sink: { gatewayId: 'sim-gw-0', sinkId: 'sink0' },
    message: { destinationAddress: 1, sourceEndpoint: 10, destinationEndpoint: 10, payload },
    // A message with an id that came before is not sent again.
    requestId: randomBytes(8).readBigUInt64BE(),
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.network.sendMessage(request);
    } catch (error) {
      const { REQUEST_OUTCOME_UNKNOWN } = RequestOutcome;
      const lost = error instanceof WirepasError && error.outcome === REQUEST_OUTCOME_UNKNOWN;
      if (!lost || attempt === 3) throw error;
    }
  }
}

export async function setChannel(client: WirepasClient, sinkId: string): Promise<void> {
  try {
    await client.network.setSinkConfig({
      gatewayId: 'sim-gw-0',
      sinkId,
      update: { networkChannel: 7 },
    });
  } catch (error) {
    if (!(error instanceof WirepasError)) throw error;
    console.error(`${error.codeName}: ${error.message}`);
    if (error.reason === ErrorReason.ERROR_REASON_GATEWAY_NOT_KNOWN) {
      console.error('no such gateway');
    }
    if (error.result === ResultCode.RESULT_CODE_INVALID_NETWORK_CHANNEL) {
      console.error(`${error.gatewayId}/${error.sinkId} does not know this channel`);
    }
  }
}

export async function withLimits(client: WirepasClient, signal: AbortSignal): Promise<void> {
  await client.network.getGatewayInfo({ gatewayId: 'sim-gw-0' }, { timeoutMs: 500 });

  for await (const { events } of client.network.watchNetwork({}, { signal })) {
    console.log(events.map(({ type }) => type));
  }
}

export function withStub(client: WirepasClient): void {
  const request = GetGatewayInfoRequest.create({ gatewayId: 'sim-gw-0' });
  client.stubs.network.getGatewayInfo(request, (error, response) => {
    console.log(error?.details ?? response.info?.model);
  });
}
