/**
 * Versions of QUIC whose Initial packets can be read: 1 (RFC 9001), 2 (RFC 9369), the drafts from the 22nd on, which have the
 * same header, and mvfst, which is built on two of them.
 */

export type Version = {
  /** As Zeek writes it: `1`, `quicv2`, `draft-29`, `mvfst (faceb002)`. */
  readonly name: string;
  /** What the secret of Initial packets is extracted with. */
  readonly salt: Uint8Array;
  /** RFC 9369 §3.2, §3.3: other numbers for the types of packets, other labels for the keys. */
  readonly second: boolean;
};

const bytesOf = (hexadecimal: string): Uint8Array => Uint8Array.from(Buffer.from(hexadecimal, 'hex'));

/** RFC 9001 §5.2, and that section in the drafts before it. */
const saltOfDraft22 = bytesOf('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a');
const saltOfDraft23 = bytesOf('c3eef712c72ebb5a11a7d2432bb46365bef9f502');
const saltOfDraft29 = bytesOf('afbfec289993d24c9e9786f19c6111e04390a899');
const saltOfVersion1 = bytesOf('38762cf7f55934b34d179ae6a4c80cadccbb7f0a');
/** RFC 9369 §3.3.1. */
const saltOfVersion2 = bytesOf('0dede3def700a6db819381be6e269dcbf9bd2ed9');

const saltOfDraft = (draft: number): Uint8Array =>
  draft >= 33 ? saltOfVersion1 : draft >= 29 ? saltOfDraft29 : draft >= 23 ? saltOfDraft23 : saltOfDraft22;

const versions = new Map<number, Version>([
  [0x00000001, { name: '1', salt: saltOfVersion1, second: false }],
  [0x6b3343cf, { name: 'quicv2', salt: saltOfVersion2, second: true }],
]);
for (let draft = 22; draft <= 34; draft++) {
  versions.set(0xff000000 + draft, { name: `draft-${draft}`, salt: saltOfDraft(draft), second: false });
}
/** Versions of mvfst, by the draft that they are built on. */
const mvfst: readonly [number, number][] = [
  [0xfaceb001, 22],
  [0xfaceb002, 27],
  [0xfaceb00e, 27],
  [0xfaceb011, 27],
  [0xfaceb012, 27],
  [0xfaceb013, 27],
];
for (const [number, draft] of mvfst) {
  versions.set(number, { name: `mvfst (${number.toString(16)})`, salt: saltOfDraft(draft), second: false });
}

/** The version with this number, or `undefined` when its packets cannot be read. */
export const versionOf = (number: number): Version | undefined => versions.get(number);

/** The name of any version; `unknown-1a2a3a4a` for one that cannot be read. */
export const versionName = (number: number): string => versions.get(number)?.name ?? `unknown-${number.toString(16)}`;

/** RFC 9000 §15: numbers that a client offers to make the server negotiate. */
export const forcesNegotiation = (number: number): boolean => (number & 0x0f0f0f0f) === 0x0a0a0a0a;
