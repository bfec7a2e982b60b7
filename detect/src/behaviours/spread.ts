/** Who sent how much, and how evenly it is spread among them. */

/** Senders that are told apart; further ones count as one more each, and as one together in the spread. */
const sendersMax = 256;

export class Spread {
  readonly #of = new Map<string, number>();
  #others = 0;
  #total = 0;

  add(sender: string, amount: number): void {
    this.#total += amount;
    const known = this.#of.get(sender);
    if (known !== undefined) this.#of.set(sender, known + amount);
    else if (this.#of.size < sendersMax) this.#of.set(sender, amount);
    else this.#others += amount;
  }

  get total(): number {
    return this.#total;
  }

  /** Senders, counted to `sendersMax`. */
  get size(): number {
    return this.#of.size;
  }

  /** Who sent most. */
  top(): string {
    let most = '';
    let amount = -1;
    for (const [sender, sent] of this.#of) if (sent > amount) [most, amount] = [sender, sent];
    return most;
  }

  /**
   * Shannon's entropy of the shares as part of the greatest that so many senders can have: 1 when all sent alike, 0 when one sent all. Lakhina, Crovella,
   * Diot, "Mining Anomalies Using Traffic Feature Distributions" (2005), use it to tell attacks from crowds.
   */
  evenness(): number {
    const count = this.#of.size + (this.#others > 0 ? 1 : 0);
    if (count < 2 || this.#total <= 0) return 0;
    let entropy = 0;
    for (const amount of [...this.#of.values(), this.#others]) {
      const share = amount / this.#total;
      if (share > 0) entropy -= share * Math.log2(share);
    }
    return entropy / Math.log2(count);
  }
}
