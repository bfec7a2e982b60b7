/** The building blocks of MQTT packets: numbers, strings and the properties of version 5 (MQTT 5.0 §1.5, §2.2.2). */

import { Cursor } from '../cursor.ts';
import { textOf } from '../text.ts';

/** A place in the packet at hand. */
export class Packet extends Cursor {
  /** A variable byte integer: seven bits a byte, at most four bytes. */
  variable(): number {
    let value = 0;
    for (let scale = 1; scale <= 0x200000; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    this.short = true;
    return value;
  }

  text(): string {
    const from = this.at + 2;
    this.skip(this.two());
    return textOf(this.bytes, Math.min(from, this.at), this.at);
  }

  passText(): void {
    this.skip(this.two());
  }
}

/** The properties that are looked at. */
export type Properties = {
  sessionExpiry?: number;
  receiveMaximum?: number;
  maximumPacketSize?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  serverKeepAlive?: number;
  assignedClientId?: string;
  authMethod?: string;
};

const none: Properties = {};

/** Reads properties and passes over what nobody asks for; user properties are what people wrote and stay unread. */
export function readProperties(cursor: Packet): Properties {
  const length = cursor.variable();
  if (length === 0) return none;
  const whole = cursor.end;
  const end = cursor.at + length;
  if (end > whole) cursor.short = true;
  else cursor.end = end;
  const found: Properties = {};
  while (cursor.at < cursor.end && !cursor.short) {
    switch (cursor.byte()) {
      case 0x11:
        found.sessionExpiry = cursor.four();
        break;
      case 0x12:
        found.assignedClientId = cursor.text();
        break;
      case 0x13:
        found.serverKeepAlive = cursor.two();
        break;
      case 0x15:
        found.authMethod = cursor.text();
        break;
      case 0x21:
        found.receiveMaximum = cursor.two();
        break;
      case 0x22:
        found.topicAliasMaximum = cursor.two();
        break;
      case 0x23:
        found.topicAlias = cursor.two();
        break;
      case 0x27:
        found.maximumPacketSize = cursor.four();
        break;
      case 0x01:
      case 0x17:
      case 0x19:
      case 0x24:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2a:
        cursor.skip(1);
        break;
      case 0x02:
      case 0x18:
        cursor.skip(4);
        break;
      case 0x0b:
        cursor.variable();
        break;
      case 0x03:
      case 0x08:
      case 0x09:
      case 0x16:
      case 0x1a:
      case 0x1c:
      case 0x1f:
        cursor.passText();
        break;
      case 0x26:
        cursor.passText();
        cursor.passText();
        break;
      default:
        cursor.short = true;
    }
  }
  cursor.end = whole;
  if (!cursor.short) cursor.at = end;
  return found;
}
