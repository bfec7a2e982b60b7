/** The catalogue of oddities: every name that a `weird` record may carry, and what it means. Zeek's names where Zeek has one. */

export const oddities: { readonly [name: string]: string } = {};
