/** A place in a message whose numbers have their high byte first. */

/** Reading beyond the end gives zeros and sets `short`. */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  short = false;

  on(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.short = false;
    return this;
  }

  byte(): number {
    if (this.at < this.end) return this.bytes[this.at++]!;
    this.short = true;
    return 0;
  }

  two(): number {
    return this.byte() * 0x100 + this.byte();
  }

  four(): number {
    return this.two() * 0x10000 + this.two();
  }

  skip(length: number): void {
    if (length <= this.end - this.at) {
      this.at += length;
      return;
    }
    this.at = this.end;
    this.short = true;
  }
}
