/** NTP version 4 in client and server mode: RFC 5905 §7.3. */

/** Seconds from 1900 to 1970. */
const era = 2_208_988_800;

function stamp(view: DataView, at: number, seconds: number): void {
  if (seconds === 0) return;
  view.setUint32(at, (Math.floor(seconds) + era) % 2 ** 32);
  view.setUint32(at + 4, Math.floor((seconds - Math.floor(seconds)) * 2 ** 32));
}

/** What a client asks: its own time, for the server to send back. */
export function ntpRequest(transmitAt: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setUint8(0, (4 << 3) | 3);
  view.setUint8(2, 6);
  view.setInt8(3, -20);
  stamp(view, 40, transmitAt);
  return new Uint8Array(view.buffer);
}

export function ntpResponse(times: { originate: number; receive: number; transmit: number }, reference: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setUint8(0, (4 << 3) | 4);
  view.setUint8(1, 2);
  view.setUint8(2, 6);
  view.setInt8(3, -23);
  view.setUint32(4, 0x0000_01a0);
  view.setUint32(8, 0x0000_0310);
  new Uint8Array(view.buffer).set(reference.subarray(0, 4), 12);
  stamp(view, 16, Math.floor(times.receive / 64) * 64);
  stamp(view, 24, times.originate);
  stamp(view, 32, times.receive);
  stamp(view, 40, times.transmit);
  return new Uint8Array(view.buffer);
}
