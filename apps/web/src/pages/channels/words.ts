/** Words of channels, by what they stand for. */

import type { DeliveryState, EndpointKind, EndpointState, Pace, Relay } from '@forewarn/model/channel';
import type { NoticeKind } from '@forewarn/model/notice';

/** In the order in which a warning lives. */
export const noticeKinds = [
  'warning-issued',
  'warning-updated',
  'warning-lifted',
  'warning-reminder',
  'warning-escalated',
  'measure-due',
  'report',
] as const satisfies readonly NoticeKind[];

export const noticeKindKeys: { [kind in NoticeKind]: string } = {
  'warning-issued': 'channels.kind.warning-issued',
  'warning-updated': 'channels.kind.warning-updated',
  'warning-lifted': 'channels.kind.warning-lifted',
  'warning-reminder': 'channels.kind.warning-reminder',
  'warning-escalated': 'channels.kind.warning-escalated',
  'measure-due': 'channels.kind.measure-due',
  report: 'channels.kind.report',
};

export const paceKeys: { [pace in Pace]: string } = {
  'at-once': 'notices.pace.atOnce',
  digest: 'notices.pace.digest',
  off: 'notices.pace.off',
};

export const endpointKindKeys: { [kind in EndpointKind]: string } = {
  mail: 'notices.kind.mail',
  webhook: 'notices.kind.webhook',
};

export const endpointStateKeys: { [state in EndpointState]: string } = {
  unproven: 'notices.state.unproven',
  active: 'notices.state.active',
  paused: 'notices.state.paused',
};

export const deliveryStateKeys: { [state in DeliveryState]: string } = {
  waiting: 'notices.delivery.waiting',
  sent: 'notices.delivery.sent',
  'given-up': 'notices.delivery.givenUp',
};

export const securityKeys: { [security in Relay['security']]: string } = {
  starttls: 'notices.relay.starttls',
  tls: 'notices.relay.tls',
  none: 'notices.relay.none',
};

/** Names of languages are written in the language itself. */
export const languageNames = { en: 'English', zh: '中文' } as const;
