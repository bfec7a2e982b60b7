/** The refusals that many routes share. A foreign thing and an unknown one are answered alike, to the byte. */

import { Refusal } from '@forewarn/base/refusal';

export const notFound = (): Refusal =>
  new Refusal('not-found', 'There is no such thing, or it is not yours to see.', {
    advice: 'Check the address; whoever owns it can share it.',
  });

export const found = <Thing>(thing: Thing | undefined): Thing => {
  if (thing === undefined) throw notFound();
  return thing;
};

export const denied = (why: string): Refusal =>
  new Refusal('permission.denied', why, { advice: 'Ask somebody with that role, or your administrator.' });

export const signInFirst = (): Refusal =>
  new Refusal('session.required', 'This needs a session or a token.', {
    advice: 'Sign in, or send "Authorization: Bearer" with a token.',
  });

export const invalid = (field: string, message: string, advice = ''): Refusal =>
  new Refusal('request.invalid', message, { place: { field }, advice });
