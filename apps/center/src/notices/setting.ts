/** What the centre sets for the channels of all: its mail relay, where webhooks may lie, its own address, and whether it has a public feed. */

import { z } from 'zod';
import { ChannelSettingsView, Relay } from '@forewarn/model/channel';
import { declaredMax, declaredNetwork } from '@forewarn/share/channels/reach';
import { channelSettings, putChannelSettings, type ChannelSettings } from '@forewarn/store/resources/channels';
import { act } from '../act.ts';
import { route, type Route } from '../api/route.ts';
import type { Principal } from '../ports.ts';
import { denied, invalid } from '../refusals.ts';
import { isLoopback } from '../settings.ts';
import { relayId } from './desk.ts';

function ofCentre(principal: Principal): void {
  if (!principal.centre) throw denied('The centre sets how mail leaves, and where webhooks may lie.');
}

const viewOf = ({ relay, ...rest }: ChannelSettings): ChannelSettingsView => ({
  ...rest,
  privateNetworks: [...rest.privateNetworks],
  relay: relay && { ...relay, password: relay.password !== null },
});

const oneSetting = route({
  method: 'get',
  path: '/channel-settings',
  access: 'accounts:write',
  summary: 'How the centre sends, for all organisations.',
  answer: ChannelSettingsView,
  async handle({ center, principal, scope }) {
    ofCentre(principal);
    return viewOf(await center.database.scoped(scope, channelSettings));
  },
});

const changeSetting = route({
  method: 'put',
  path: '/channel-settings',
  access: 'accounts:write',
  summary:
    'Sets how the centre sends, for all organisations. A password that is left out stays as it is for the same relay and user.',
  body: z.strictObject({
    relay: Relay.extend({ password: z.string().min(1).max(1_000).nullable().optional() }).nullable(),
    privateNetworks: z.array(z.string().trim().max(50)).max(declaredMax),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .nullable(),
    publicFeed: z.boolean(),
  }),
  answer: ChannelSettingsView,
  async handle({ center, principal, scope, body }) {
    ofCentre(principal);
    const wrong = body.privateNetworks.findIndex((text) => declaredNetwork(text) === undefined);
    if (wrong >= 0) {
      throw invalid(
        `privateNetworks.${wrong}`,
        `"${body.privateNetworks[wrong]}" is no private network.`,
        'Write networks of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 127.0.0.0/8 or fc00::/7.',
      );
    }
    const { relay } = body;
    if (relay?.security === 'none' && !isLoopback(relay.host)) {
      throw invalid(
        'relay.security',
        'Mail would leave this machine in clear.',
        'Choose STARTTLS or TLS, or a relay on the centre’s own machine.',
      );
    }
    if (relay?.user === null && typeof relay.password === 'string')
      throw invalid('relay.user', 'A password without a user name.');
    await act(center, principal, async (acting) => {
      const before = await channelSettings(acting.tx);
      // A password that is kept goes to the very relay that it was given for, to no other.
      const same =
        before.relay !== null && relay !== null && before.relay.host === relay.host && before.relay.user === relay.user;
      const password =
        typeof relay?.password === 'string'
          ? center.notices.seal(relayId, relay.password)
          : relay?.password === undefined && same
            ? before.relay!.password
            : null;
      const settings: ChannelSettings = {
        relay: relay && { ...relay, password: relay.user === null ? null : password },
        privateNetworks: body.privateNetworks,
        publicUrl: body.publicUrl === null ? null : body.publicUrl.replace(/\/+$/, ''),
        publicFeed: body.publicFeed,
      };
      await putChannelSettings(acting.tx, settings);
      acting.audit('channel.settings', 'channels', {
        relay: relay === null ? 'none' : `${relay.host}:${relay.port} ${relay.security}`,
        privateNetworks: body.privateNetworks.join(' '),
        publicFeed: String(body.publicFeed),
      });
      acting.tx.afterCommit(() => center.notices.wake());
    });
    return viewOf(await center.database.scoped(scope, channelSettings));
  },
});

export const settingRoutes: readonly Route[] = [oneSetting, changeSetting];
