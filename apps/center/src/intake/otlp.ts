/** Answers of OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response), in the form of the request. */

/** A length and a text of protobuf. */
function textField(field: number, text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.of(field * 8 + 2, ...varint(bytes.length)), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

const answer = (isJson: boolean, status: number, body: object | Buffer, headers: { [name: string]: string } = {}): Response =>
  new Response(Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body), {
    status,
    headers: { 'content-type': isJson ? 'application/json' : 'application/x-protobuf', 'cache-control': 'no-store', ...headers },
  });

/** Taken; what could not be read is told with its number, as the exporter is to log it and not to send it again. */
export function otlpAnswer(isJson: boolean, rejected: number, why: string): Response {
  if (isJson) {
    const partialSuccess = { rejectedLogRecords: String(rejected), errorMessage: why };
    return answer(isJson, 200, rejected === 0 ? {} : { partialSuccess });
  }
  if (rejected === 0) return answer(isJson, 200, Buffer.alloc(0));
  const partial = Buffer.concat([Buffer.of(0x08, ...varint(rejected)), textField(2, why.slice(0, 500))]);
  return answer(isJson, 200, Buffer.concat([Buffer.of(0x0a, ...varint(partial.length)), partial]));
}

/** A google.rpc.Status; 429 is sent again, with the pause that is asked for. */
export function otlpRefused(isJson: boolean, status: number, reason: string): Response {
  const again: { [name: string]: string } = status === 429 ? { 'retry-after': '5' } : {};
  return answer(isJson, status, isJson ? { message: reason } : textField(2, reason.slice(0, 1_000)), again);
}
